"""A person's own account: name, address, password, and the browsers they are signed in with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import address_changes, login_sessions
from voiceline.account_mails import tell_changed
from voiceline.accounts import TRIES_WINDOW, Refusal, check_password, keep_password, rename
from voiceline.dashboard.context import (
    memberships,
    now,
    reach,
    secret,
    services,
    transaction_across,
    user,
)
from voiceline.dashboard.kept_typing import kept_typing
from voiceline.dashboard.login_cookie import with_token
from voiceline.errors import UserError
from voiceline.limits import counted_address
from voiceline.models import SignInWay, User
from voiceline.passwords import hash_password
from voiceline.reach import bind

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("account", __name__, url_prefix="/account")

SAID = {
    "name": "Your name was changed.",
    "address": "Look at your mail: the new address must be confirmed before you sign in with it. "
    "The address of now is told, too.",
    "password": "Your password was changed. All other sessions were ended.",
    "ended": "The session was ended.",
    "others": "All other sessions were ended.",
}
WAYS = {
    SignInWay.PASSWORD: "with a password",
    SignInWay.PASSWORD_AND_CODE: "with a password and a code",
    SignInWay.PASSKEY: "with a passkey",
    SignInWay.GOOGLE: "with Google",
    SignInWay.BUSINESS_PROVIDER: "by the sign-in of your company",
}
WRONG = "That is not your password. Check it and try again."


@blueprint.get("")
def show_account() -> ResponseReturnValue:
    """Show who is signed in, and where else they are."""
    typed = kept_typing("account.change_address")
    said = SAID.get(request.args.get("said", ""))
    return _page(said=said, address=typed.get("address", ""), kept=bool(typed))


@blueprint.post("/name")
def change_name() -> ResponseReturnValue:
    """Give oneself another name."""
    name = request.form.get("name", "")[:400]
    try:
        with transaction_across() as database:
            rename(database, database.get_one(User, user().id), name, now())
    except UserError as error:
        return _page(name_refused=str(error), name=name), 422
    return _back("name")


@blueprint.post("/address")
def change_address() -> ResponseReturnValue:
    """Ask another address to prove itself."""
    address = request.form.get("address", "")[:400]
    try:
        with transaction_across() as database:
            person = database.get_one(User, user().id)
            address_changes.ask(database, person, address, secret=secret(), at=now())
    except UserError as error:
        return _page(address_refused=str(error), address=address), 422
    return _back("address")


@blueprint.post("/password")
def change_password() -> ResponseReturnValue:
    """Change the password by means of the old one; this session goes on under a new token."""
    new = request.form.get("new", "")
    names = [user().name, *(place.business.name for place in memberships())]
    with bind(services().sessions(), reach()) as database:
        refusal = check_password(
            database,
            user(),
            request.form.get("password", ""),
            address=counted_address(request.remote_addr),
            secret=secret(),
            at=now(),
        )
        database.commit()
    if refusal is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=int(TRIES_WINDOW.total_seconds()))
    if refusal:
        return _page(password_refused=WRONG), 422
    try:
        password_hash = hash_password(new, email=user().email, names=names)
    except UserError as error:
        return _page(password_refused=str(error)), 422
    with transaction_across() as database:
        person = database.get_one(User, user().id)
        keep_password(database, person, password_hash, now(), but=g.login.id)
        tell_changed(database, person, "password", at=now())
        token = login_sessions.confirm(database, g.login, now())
    return with_token(redirect(url_for("account.show_account", said="password"), code=303), token)


@blueprint.post("/sessions/<uuid:session_id>/end")
def end_session(session_id: UUID) -> ResponseReturnValue:
    """End one of one's own sessions; somebody else's is no session."""
    with transaction_across() as database:
        person = database.get_one(User, user().id)
        if not login_sessions.end_session(database, person, session_id, at=now()):
            abort(404)
    return _back("ended")


@blueprint.post("/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End all of one's sessions but this."""
    with transaction_across() as database:
        person = database.get_one(User, user().id)
        login_sessions.sign_out_everywhere(database, person, at=now(), but=g.login.id)
    return _back("others")


def _back(said: str) -> ResponseReturnValue:
    return redirect(url_for("account.show_account", said=said), code=303)


def _page(**parts: Any) -> str:
    with transaction_across() as database:
        sessions = login_sessions.sessions_of(database, user(), now())
    asked = {"name": user().name, "address": "", "said": None, "kept": False, **parts}
    refused = dict.fromkeys(("name_refused", "address_refused", "password_refused"))
    zone = memberships()[0].business.time_zone if memberships() else "UTC"
    return render_template(
        "account.html", sessions=sessions, ways=WAYS, zone=zone, **{**refused, **asked}
    )
