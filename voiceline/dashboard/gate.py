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
from voiceline.dashboard.needs import CONFIRMED, CONSOLE, NEEDS, NEEDS_IN
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
