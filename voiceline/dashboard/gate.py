"""Who may come in: nobody, but for a literal list of public views (open_views.py).

A signed-in person gets as far as the businesses they are a member of. The business is in the
address, never in a cookie, and membership is read at each request, so a change counts at once.
The console is the operator's own: its pages ask for a place in the operator's business, and of
another business its people read what a grant opens (granted.py).
A viewer reads: what changes anything of a business is for the others, and NEEDS says what is for
fewer still. What cannot be taken back asks who does it to prove that they are there (CONFIRMED).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden

from voiceline.dashboard.context import now, transaction_across
from voiceline.dashboard.granted import check_granted, find_granted, grant, is_granted
from voiceline.dashboard.kept_typing import keep_typed
from voiceline.dashboard.open_views import PUBLIC, UNATTENDED
from voiceline.dashboard.refused import note_foreign_business, note_foreign_console
from voiceline.dashboard.ways import ask_for_way
from voiceline.granted_places import GrantedPlace
from voiceline.login_sessions import find_session, is_confirmed
from voiceline.memberships import memberships_of
from voiceline.models import Role

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

    from voiceline.models import Business, Membership

NEEDS: dict[str, Role] = {
    "notices.choose_notices": Role.VIEWER,
    "notices.change_calendar": Role.VIEWER,
    "notices.choose_words": Role.ADMIN,
    "figures.publish": Role.ADMIN,
    "figures.hide": Role.ADMIN,
    "entering.show_form": Role.AGENT,
    "letters.show_form": Role.AGENT,
    "trail.show_trail": Role.ADMIN,
    "trail.send_lines": Role.ADMIN,
    "members.invite": Role.ADMIN,
    "members.send_again": Role.ADMIN,
    "members.revoke": Role.ADMIN,
    "members.change_role": Role.ADMIN,
    "members.show_removal": Role.ADMIN,
    "members.remove": Role.ADMIN,
    "members.leave": Role.VIEWER,
    "codes.take_code": Role.ADMIN,
    "codes.name_brand": Role.ADMIN,
    "codes.show_withdrawal": Role.ADMIN,
    "codes.withdraw": Role.ADMIN,
    "business_settings.change_settings": Role.ADMIN,
    "business_settings.choose_address": Role.ADMIN,
    **dict.fromkeys(
        (
            *(f"business_sign_in.{view}" for view in ("show_settings", "set_rules")),
            *(f"business_sign_in.{view}_provider" for view in ("set", "remove", "test")),
            *(f"business_sign_in.{view}_domain" for view in ("add", "check", "remove")),
        ),
        Role.OWNER,
    ),
    "reading.mark_as_read": Role.VIEWER,
    "reading.mark_as_unread": Role.VIEWER,
    "reading.choose_keys": Role.VIEWER,
    "views.save": Role.VIEWER,
    "views.rename": Role.VIEWER,
    "views.delete": Role.VIEWER,
    "views.choose": Role.VIEWER,
    "records.send_csv": Role.AGENT,
    "line.send_proofs": Role.AGENT,
    "records.send_json": Role.AGENT,
    "evidence.take_pack": Role.AGENT,
    "downloads.show_page": Role.AGENT,
    "downloads.show_progress": Role.AGENT,
    **dict.fromkeys(
        (
            *("console_businesses.show_opening", "console_businesses.open_business"),
            *(f"console_business.{view}" for view in ("show_tier", "change_tier", "set_trial")),
            *(f"console_business.{view}" for view in ("show_suspension", "suspend", "resume")),
            *("console_business.invite_owner", "console_codes.give_code"),
            *("console_codes.show_withdrawal", "console_codes.withdraw"),
        ),
        Role.ADMIN,
    ),
    "console_grants.take_back": Role.VIEWER,
    "grants.show_grants": Role.ADMIN,
    "grants.approve": Role.OWNER,
    "grants.refuse": Role.ADMIN,
    "grants.end": Role.ADMIN,
    "greetings.type_text": Role.ADMIN,
    "greetings.upload": Role.ADMIN,
    "greetings.keep_silence": Role.ADMIN,
    "greetings.restore": Role.ADMIN,
    "greetings.use_standard": Role.ADMIN,
    "console_unassigned.show_choice": Role.AGENT,
    "first_steps.hide": Role.VIEWER,
    "first_steps.show_again": Role.VIEWER,
}
"""The least role of a view of a business; of what is not named, viewers read and agents change."""

NEEDS_IN: dict[str, Role] = {"desk": Role.AGENT}
"""The least role of every view of a feature: the steps of casework, their forms too."""

CONFIRMED: dict[str, str] = {
    "trail.send_lines": "trail.show_trail",
    "members.invite": "members.show_members",
    "members.change_role": "members.show_members",
    "members.remove": "members.show_removal",
    "codes.withdraw": "codes.show_withdrawal",
    "console_businesses.open_business": "console_businesses.show_opening",
    "console_business.change_tier": "console_business.show_tier",
    "console_business.set_trial": "console_business.show_business",
    "console_business.suspend": "console_business.show_suspension",
    "console_business.resume": "console_business.show_business",
    "console_business.invite_owner": "console_business.show_business",
    "console_codes.give_code": "console_business.show_business",
    "console_codes.withdraw": "console_codes.show_withdrawal",
    "console_grants.ask": "console_grants.show_grants",
    "grants.approve": "grants.show_grants",
    "account.change_address": "account.show_account",
    **dict.fromkeys(
        ("two_step.begin", "two_step.confirm_app", "two_step.renew_codes", "two_step.turn_off"),
        "two_step.show_two_step",
    ),
    **dict.fromkeys(
        (f"passkey_pages.{view}" for view in ("send_challenge", "add_passkey", "remove_passkey")),
        "passkey_pages.show_passkeys",
    ),
    **dict.fromkeys(
        ("identity_pages.link_google", "identity_pages.unlink"), "identity_pages.show_identities"
    ),
    **dict.fromkeys(
        (
            *(f"business_sign_in.{view}_provider" for view in ("set", "remove", "test")),
            *("business_sign_in.set_rules", "business_sign_in.add_domain"),
            "business_sign_in.remove_domain",
        ),
        "business_sign_in.show_settings",
    ),
}
"""Views that a session must have been confirmed for lately, and the view that their form is in.

Views that ask only for much at once call `ask_to_confirm` themselves (downloads.py, bulk.py).
"""

CONSOLE = "console_"
"""How the blueprints of the operator's console begin (voiceline/dashboard/console/)."""

SAFE_METHODS = frozenset({"GET", "HEAD"})
OWN_SITE = frozenset({None, "same-origin", "none"})


class ReadOnly(Forbidden):
    """Somebody who may only read asked for a change."""


class NeedsRole(Forbidden):
    """Somebody asked for what only colleagues with another role may do."""

    def __init__(self, role: Role) -> None:
        super().__init__()
        self.role = role


def set_up(app: Flask) -> None:
    """Put the gate before every view."""
    app.before_request(admit)
    app.jinja_env.globals["may_act"] = may_act
    app.jinja_env.globals["may"] = may
    app.jinja_env.globals["may_read_notes"] = may_read_notes


def may(endpoint: str, method: str = "GET") -> bool:
    """Tell whether who is signed in may open a view of the business in the address."""
    if grant() is not None:
        return is_granted(endpoint, method)
    role: Role = g.membership.role
    return role.covers(needed(endpoint, method))


def may_act() -> bool:
    """Tell whether who is signed in may change what is the business's."""
    role: Role = g.membership.role
    return role.covers(Role.AGENT)


def may_read_notes() -> bool:
    """Tell whether notes are shown to who is signed in: a business may keep them from viewers.

    Nobody reads them under a grant: they are what colleagues say to one another.
    """
    if grant() is not None:
        return False
    return may_act() or bool(g.membership.business.viewers_read_notes)


def check_may_read_notes() -> None:
    """Raise NeedsRole for a viewer from whom notes are kept."""
    if not may_read_notes():
        raise NeedsRole(Role.AGENT)


def needed(endpoint: str, method: str) -> Role:
    """Answer the least role that a view asks for."""
    reads = method in SAFE_METHODS
    of_feature = NEEDS_IN.get(endpoint.partition(".")[0], Role.VIEWER if reads else Role.AGENT)
    return NEEDS.get(endpoint, of_feature)


def admit() -> ResponseReturnValue | None:
    """Let the request through, or answer it."""
    if request.method not in SAFE_METHODS:
        _refuse_other_sites()
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    if not _recognise():
        return _ask_to_sign_in()
    place = _find_place(request.endpoint)
    asked = ask_for_way(_asks_for_way(place))
    if asked is not None:
        return asked
    if isinstance(place, GrantedPlace):
        check_granted(request.endpoint, request.method)
    elif place is not None:
        _check_role(needed(request.endpoint, request.method))
    return _ask_before_view()


def confirmed_lately() -> bool:
    """Tell whether who is signed in proved to be there within the last quarter of an hour."""
    return is_confirmed(g.login, now())


def ask_to_confirm(form: str) -> ResponseReturnValue:
    """Send who is signed in to prove that they are there, and from there back to the form."""
    return redirect(url_for("confirming.show_form", next=form), code=303)


def _asks_for_way(place: Membership | GrantedPlace | None) -> Business | None:
    """Answer whose rules of signing in hold: of who reads under a grant, the operator's."""
    through = place.through if isinstance(place, GrantedPlace) else place
    return through.business if through else None


def _find_place(endpoint: str) -> Membership | GrantedPlace | None:
    """Answer the place that a page is opened from, None for what is nobody's but one's own."""
    business_id = (request.view_args or {}).get("business_id")
    if endpoint.startswith(CONSOLE):
        g.membership = next((m for m in g.memberships if m.is_operators), None)
        refuse = note_foreign_console
    elif business_id is not None:
        own = next((m for m in g.memberships if m.business_id == business_id), None)
        g.membership = own or find_granted(business_id)
        refuse = partial(note_foreign_business, business_id)
    else:
        return None
    if g.membership is None:
        refuse()
        abort(404)
    return cast("Membership | GrantedPlace", g.membership)


def _recognise() -> bool:
    token = request.cookies.get(current_app.config["LOGIN_COOKIE"])
    active = request.endpoint not in UNATTENDED
    with transaction_across() as session:
        g.login = find_session(session, token, now(), active=active)
        g.user = g.login.user if g.login else None
        g.memberships = memberships_of(session, g.user) if g.user else []
    return g.user is not None


def _check_role(role: Role) -> None:
    if not g.membership.role.covers(role):
        raise ReadOnly if role == Role.AGENT else NeedsRole(role)


def _ask_before_view() -> ResponseReturnValue | None:
    form = CONFIRMED.get(request.endpoint or "")
    if form is None or confirmed_lately():
        return None
    arguments = request.view_args or {}
    if form != request.endpoint:
        known = {name for r in current_app.url_map.iter_rules(form) for name in r.arguments}
        arguments = {name: value for name, value in arguments.items() if name in known}
        keep_typed()
    return ask_to_confirm(url_for(form, **arguments))


def _refuse_other_sites() -> None:
    """Refuse a change another site's page asks for; browsers say where a request comes from."""
    if request.headers.get("Sec-Fetch-Site") not in OWN_SITE:
        abort(400)


def _ask_to_sign_in() -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        # The page behind it is as stale as its session: loading it anew asks to sign in.
        return Response(status=401, headers={"HX-Refresh": "true"})
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=401)  # a script would take being led away for success
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("sign_in.show_form", next=wanted), code=302)
