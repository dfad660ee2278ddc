"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.exceptions import TooManyRequests

from voiceline import accounts
from voiceline.accounts import LONGEST, TRIES_WINDOW, Refusal
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, secret, services, transaction, user
from voiceline.limits import counted_address

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug import Response

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
def show_form() -> ResponseReturnValue:
    """Show the form, or go on where somebody is signed in already."""
    wanted = local_path(request.args.get("next"))
    with transaction() as database:
        known = accounts.session_user(database, _token(), now(), active=False)
    if known:
        return redirect(wanted or url_for("businesses.go_home"))
    return render_template("sign_in.html", wanted=wanted, email="", refused=False)


@blueprint.post("/sign-in")
def submit_form() -> ResponseReturnValue:
    """Open a session under a new token, whatever token the browser had."""
    email, wanted = request.form.get("email", ""), local_path(request.form.get("next"))
    with services().sessions() as database:
        answer = accounts.sign_in(
            database,
            email,
            request.form.get("password", ""),
            address=counted_address(request.remote_addr),
            secret=secret(),
            at=now(),
        )
        if not isinstance(answer, Refusal):
            accounts.sign_out(database, _token(), at=now())
        database.commit()
    if answer is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=int(TRIES_WINDOW.total_seconds()))
    if isinstance(answer, Refusal):
        return render_template("sign_in.html", wanted=wanted, email=email[:320], refused=True), 422
    session.clear()  # forms of before belong to whoever used the browser before
    return _with_token(redirect(wanted or url_for("businesses.go_home"), code=303), answer)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with transaction() as database:
        accounts.sign_out(database, _token(), at=now())
    return _leave()


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions of whoever is signed in."""
    with transaction() as database:
        accounts.sign_out_everywhere(database, user(), at=now())
    return _leave()


def _token() -> str | None:
    return request.cookies.get(_cookie())


def _cookie() -> str:
    return str(current_app.config["LOGIN_COOKIE"])


def _with_token(response: Response, token: str) -> Response:
    response.set_cookie(
        _cookie(),
        token,
        max_age=LONGEST,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _leave() -> Response:
    session.clear()
    response = redirect(url_for("sign_in.show_form"), code=303)
    response.delete_cookie(
        _cookie(),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
