"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import accounts, login_sessions
from voiceline.accounts import TRIES_WINDOW, Refusal
from voiceline.dashboard import openid
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, secret, services, transaction_across, user
from voiceline.dashboard.devices import device_asking
from voiceline.dashboard.letting_in import lead_in
from voiceline.dashboard.login_cookie import token_sent, without_token
from voiceline.dashboard.passkey_sites import passkeys_work
from voiceline.dashboard.pending_cookie import without_pending
from voiceline.limits import counted_address
from voiceline.reach import Reach, bind

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug import Response

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def show_form() -> ResponseReturnValue:
    """Show the form, or go on where somebody is signed in already."""
    wanted = local_path(request.args.get("next"))
    with transaction_across() as database:
        known = login_sessions.session_user(database, token_sent(), now(), active=False)
    if known:
        return redirect(wanted or url_for("businesses.go_home"))
    return show_ways(wanted)


def show_ways(
    wanted: str | None, *, email: str = "", refused: bool = False, problem: str | None = None
) -> str:
    """Render the form with all the ways in; `problem` is what stood in the way of one."""
    if "over" in request.args:
        problem = "That took longer than 10 minutes, so please begin again."
    if request.args.get("key") == "refused":
        problem = "That passkey does not open an account here. Try again, or use another way."
    settings = services().settings
    if settings.google_client_id:
        g.form_targets = [openid.origin_of(settings.google_issuer)]
    return render_template(
        "sign_in.html",
        wanted=wanted,
        email=email[:320],
        refused=refused,
        problem=problem,
        google=bool(settings.google_client_id),
        passkeys=passkeys_work(),
    )


@blueprint.post("/sign-in")
def submit_form() -> ResponseReturnValue:
    """Open a session under a new token, whatever token the browser had, or ask for a code."""
    email, wanted = request.form.get("email", ""), local_path(request.form.get("next"))
    with bind(services().sessions(), Reach.EVERYWHERE) as database:
        answer = accounts.sign_in(
            database,
            email,
            request.form.get("password", ""),
            address=counted_address(request.remote_addr),
            secret=secret(),
            at=now(),
            device=device_asking(),
            wanted=wanted or "",
        )
        if isinstance(answer, str):
            login_sessions.sign_out(database, token_sent(), at=now())
        database.commit()
    if answer is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=int(TRIES_WINDOW.total_seconds()))
    if isinstance(answer, Refusal):
        return show_ways(wanted, email=email, refused=True), 422
    return lead_in(answer, wanted)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with transaction_across() as database:
        login_sessions.sign_out(database, token_sent(), at=now())
    return _leave()


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions of whoever is signed in."""
    with transaction_across() as database:
        login_sessions.sign_out_everywhere(database, user(), at=now())
    return _leave()


def _leave() -> Response:
    session.clear()
    return without_pending(without_token(redirect(url_for("sign_in.show_form"), code=303)))
