"""Who may come in: nobody, but for a literal list of public views.

A signed-in person gets as far as the businesses they are a member of. The business is in the
address, never in a cookie, and membership is read at each request, so a change counts at once.
A viewer reads: what changes anything of a business is for the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden

from voiceline.accounts import memberships_of, session_user
from voiceline.dashboard.context import now, transaction
from voiceline.dashboard.refused import note_foreign_business
from voiceline.models import Role

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

PUBLIC = frozenset(
    {
        *("sign_in.show_form", "sign_in.submit_form", "assets.send_asset", "health.check"),
        "calendar.send_calendar",
    }
)

UNATTENDED = frozenset({"inbox.show_news", "requests.show_player", "requests.show_transcript"})
"""Views a page asks for by itself: they do not keep a session alive."""

OF_VIEWERS = frozenset({"notices.choose_notices", "notices.change_calendar"})
"""Views that change something and are for everybody: a colleague's own settings, say."""

ACTING = frozenset({Role.AGENT, Role.ADMIN, Role.OWNER})

SAFE_METHODS = frozenset({"GET", "HEAD"})
OWN_SITE = frozenset({None, "same-origin", "none"})


class ReadOnly(Forbidden):
    """Somebody who may only read asked for a change."""


def set_up(app: Flask) -> None:
    """Put the gate before every view."""
    app.before_request(admit)
    app.jinja_env.globals["may_act"] = may_act


def may_act() -> bool:
    """Tell whether who is signed in may change what is the business's."""
    return g.membership.role in ACTING


def check_may_act() -> None:
    """Raise ReadOnly for a viewer."""
    if not may_act():
        raise ReadOnly


def admit() -> ResponseReturnValue | None:
    """Let the request through, or answer it."""
    if request.method not in SAFE_METHODS:
        _refuse_other_sites()
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    if not _recognise():
        return _ask_to_sign_in()
    business_id = (request.view_args or {}).get("business_id")
    if business_id is not None:
        g.membership = next((m for m in g.memberships if m.business_id == business_id), None)
        if g.membership is None:
            note_foreign_business(business_id)
            abort(404)
        if request.method not in SAFE_METHODS and request.endpoint not in OF_VIEWERS:
            check_may_act()
    return None


def _recognise() -> bool:
    token = request.cookies.get(current_app.config["LOGIN_COOKIE"])
    active = request.endpoint not in UNATTENDED
    with transaction() as session:
        g.user = session_user(session, token, now(), active=active)
        g.memberships = memberships_of(session, g.user) if g.user else []
    return g.user is not None


def _refuse_other_sites() -> None:
    """Refuse a change another site's page asks for; browsers say where a request comes from."""
    if request.headers.get("Sec-Fetch-Site") not in OWN_SITE:
        abort(400)


def _ask_to_sign_in() -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        # The page behind it is as stale as its session: loading it anew asks to sign in.
        return Response(status=401, headers={"HX-Refresh": "true"})
    wanted = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    return redirect(url_for("sign_in.show_form", next=wanted), code=302)
