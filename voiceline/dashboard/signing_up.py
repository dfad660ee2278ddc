"""Signing up: a form, a message, and the page its link leads to, whose button opens the account.

The link itself changes nothing, because programs that look through mail follow links, too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, session, url_for

from voiceline import login_sessions, sign_ups
from voiceline.dashboard.context import now, secret, services, transaction_across
from voiceline.dashboard.devices import device_asking
from voiceline.dashboard.login_cookie import token_sent, with_token
from voiceline.dashboard.mailed import forget_token, keep_token, kept_token, meant_token, say
from voiceline.errors import UserError
from voiceline.limits import counted_address, limit_key, take
from voiceline.passwords import make_hash, verify_password
from voiceline.rules.time_zones import FREQUENT, other_time_zones

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from voiceline.models import SignUp

blueprint = Blueprint("signing_up", __name__, url_prefix="/sign-up")

PAGE = "signing_up.show_link"
FIELDS = ("email", "name", "business_name", "time_zone", "password")
HOUR = timedelta(hours=1)
PER_NETWORK, OVERALL = 20, 500
"""Forms an hour, from one network and from all: each costs a hash and may send a message."""

TRIES, TRIES_WINDOW = 10, timedelta(minutes=5)
TOO_OFTEN = "That was tried too often from this network. Wait an hour, then try again."


@blueprint.get("")
def show_form() -> ResponseReturnValue:
    """Show the form, or that the operator opens accounts."""
    if services().settings.sign_up == "closed":
        return _closed()
    return _form({}, None)


@blueprint.post("")
def submit_form() -> ResponseReturnValue:
    """Keep the wish and owe its link; the answer is the same for every address."""
    if services().settings.sign_up == "closed":
        return _closed()
    typed = {name: request.form.get(name, "")[:2000] for name in FIELDS}
    if not within(request.remote_addr, "sign_up", PER_NETWORK, OVERALL):
        return _form(typed, TOO_OFTEN), 429
    try:
        wish = sign_ups.read_wish(**typed)
    except UserError as error:
        return _form(typed, str(error)), 422
    password_hash = make_hash(typed["password"])
    with transaction_across() as database:
        asked = sign_ups.ask(database, wish, password_hash, secret=secret(), at=now())
    session["sign_up"], session["sign_up_address"] = str(asked.id), wish.email
    return redirect(url_for("signing_up.show_sent"), code=303)


@blueprint.get("/sent")
def show_sent() -> ResponseReturnValue:
    """Say that a message is on its way, whoever has the address."""
    return render_template("sign_up_sent.html", address=session.get("sign_up_address"))


@blueprint.get("/<string(length=43):token>")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token out of the address."""
    return keep_token(token, PAGE)


@blueprint.get("/confirm")
def show_link() -> ResponseReturnValue:
    """Show what the link opens, with the button that does."""
    with transaction_across() as database:
        found = sign_ups.look_up(database, kept_token(PAGE))
        known = found is not None and sign_ups.has_account(database, found.email)
    if found is None or known or not _holds(found):
        return _leads_nowhere(found, known=known)
    return render_template("sign_up_confirm.html", found=found, asks=_is_elsewhere(found))


@blueprint.post("/confirm")
def open_account() -> ResponseReturnValue:
    """Open the account and sign its owner in."""
    token = meant_token(PAGE)
    with transaction_across() as database:
        found = sign_ups.look_up(database, token)
        known = found is not None and sign_ups.has_account(database, found.email)
        key = f"sign_up/try/{found.id.hex}" if found else "sign_up/try"
        within_tries = take(database, key=key, allowance=TRIES, window=TRIES_WINDOW, at=now())
    if found is None or known or not _holds(found):
        return _leads_nowhere(found, known=known)
    if _is_elsewhere(found) and not (
        within_tries and verify_password(found.password_hash, request.form.get("password", ""))
    ):
        return render_template(
            "sign_up_confirm.html", found=found, asks=True, refused=True, often=not within_tries
        ), 422 if within_tries else 429
    try:
        return _open(token)
    except UserError as error:
        return _not_opened(token, error)


def within(address: str | None, what: str, per_network: int, overall: int) -> bool:
    """Count a form that nobody signed in sent, and tell whether it is within the limits."""
    keys = {
        limit_key(f"{what}.network", counted_address(address), secret()): per_network,
        limit_key(f"{what}.everybody", "", secret()): overall,
    }
    with transaction_across() as database:
        return all(
            take(database, key=key, allowance=allowance, window=HOUR, at=now())
            for key, allowance in keys.items()
        )


def _open(token: str) -> ResponseReturnValue:
    trial = timedelta(days=services().settings.trial_days)
    with transaction_across() as database:
        found = sign_ups.look_up(database, token)
        if found is None:
            raise UserError("no such link")
        user, business = sign_ups.open_account(database, found, now(), trial=trial)
        login_sessions.sign_out(database, token_sent(), at=now())
        opened = login_sessions.open_session(database, user, now(), device=device_asking())
    forget_token(PAGE)
    session.clear()  # forms of before belong to whoever used the browser before
    inbox = url_for("inbox.show_inbox", business_id=business.id)
    return with_token(redirect(inbox, code=303), opened)


def _holds(found: SignUp) -> bool:
    return found.followed_at is None and now() < found.expires_at


def _is_elsewhere(found: SignUp) -> bool:
    """Tell whether this browser is another than the one in which the password was chosen."""
    return session.get("sign_up") != str(found.id)


def _leads_nowhere(found: SignUp | None, *, known: bool) -> ResponseReturnValue:
    if found is not None and (known or found.followed_at is not None):
        what = "Your account is open already"
        return say(what, "Sign in with your e-mail address and the password you chose.")
    why = "It may be older than 24 hours, or not whole. No account was opened by it."
    again = {"to": "signing_up.show_form", "label": "Sign up again"}
    return say("This link does not hold any more", why, code=404, **again)


def _not_opened(token: str, error: UserError) -> ResponseReturnValue:
    """Say why no account was opened: somebody was quicker, or something else is in the way."""
    with transaction_across() as database:
        found = sign_ups.look_up(database, token)
        known = found is not None and sign_ups.has_account(database, found.email)
    if found is None or known or not _holds(found):
        return _leads_nowhere(found, known=known)
    why = f"{error} Nothing is lost: the link in your mail holds."
    return say("Your account could not be opened now", why, code=503)


def _closed() -> ResponseReturnValue:
    why = "Whoever runs this line opens accounts for businesses: ask them for one."
    return say("Accounts are opened by the operator", why)


def _form(typed: dict[str, str], refused: str | None) -> str:
    return render_template(
        "sign_up.html",
        typed=typed,
        refused=refused,
        frequent=FREQUENT,
        others=other_time_zones(),
        trial_days=services().settings.trial_days,
    )
