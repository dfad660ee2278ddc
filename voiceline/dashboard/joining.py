"""Accepting an invitation: signed in as its address, after signing in, or as a new colleague."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, session, url_for

from voiceline import invitations, login_sessions
from voiceline.accounts import keep_user
from voiceline.dashboard.context import now, transaction_across
from voiceline.dashboard.devices import device_asking
from voiceline.dashboard.login_cookie import token_sent, with_token, without_token
from voiceline.dashboard.mailed import keep_token, kept_token, meant_token, say
from voiceline.errors import UserError
from voiceline.passwords import hash_password
from voiceline.providers import provider_of
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.sign_ups import forget_address, has_account

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from voiceline.models import Invitation, User

blueprint = Blueprint("joining", __name__, url_prefix="/join")

PAGE = "joining.show_invitation"


@blueprint.get("/<string(length=43):token>")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token out of the address."""
    return keep_token(token, PAGE)


@blueprint.get("")
def show_invitation() -> ResponseReturnValue:
    """Show the invitation, with what whoever is here can do about it."""
    with transaction_across() as database:
        reader = login_sessions.session_user(database, token_sent(), now())
        found = invitations.look_up(database, kept_token(PAGE))
        known = found is not None and has_account(database, found.email)
    if found is not None and reader is not None and found.accepted_by == reader.id:
        return redirect(url_for("inbox.show_inbox", business_id=found.business_id), code=303)
    if found is None or not _holds(found):
        return _leads_nowhere()
    return _page(found, reader, known=known)


@blueprint.post("")
def accept() -> ResponseReturnValue:
    """Take the place as who is signed in."""
    token = meant_token(PAGE)
    with suppress(UserError), transaction_across() as database:
        reader = login_sessions.session_user(database, token_sent(), now())
        found = invitations.find(database, token, now())
        if found is not None and reader is not None:
            invitations.accept(database, found, reader, now())
    # What became of it is said there: to whoever clicked twice, the inbox.
    return redirect(url_for(PAGE), code=303)


@blueprint.post("/new")
def join_as_new() -> ResponseReturnValue:
    """Make a person of whoever has the link, which proved the address, and sign them in."""
    token = meant_token(PAGE)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    with transaction_across() as database:
        found = invitations.find(database, token, now())
        known = found is not None and has_account(database, found.email)
    if found is None or known or not _holds(found):
        return redirect(url_for(PAGE), code=303)
    try:
        names = (name, found.business.name)
        return _join(found, name, hash_password(password, email=found.email, names=names))
    except UserError as error:
        return _page(found, None, known=False, refused=str(error), name=name[:200]), 422


@blueprint.post("/as-another")
def sign_out() -> ResponseReturnValue:
    """End the session of whoever is signed in, and come back to the invitation."""
    token = kept_token(PAGE)
    with transaction_across() as database:
        login_sessions.sign_out(database, token_sent(), at=now())
    session.clear()
    return without_token(keep_token(token, PAGE))


def _join(found: Invitation, name: str, password_hash: str) -> ResponseReturnValue:
    with transaction_across() as database:
        user = keep_user(database, found.email, name, password_hash, now())
        fresh = invitations.look_up(database, meant_token(PAGE))
        if fresh is None:
            raise UserError("This invitation does not hold any more.")
        invitations.accept(database, fresh, user, now())
        forget_address(database, user.email)
        login_sessions.sign_out(database, token_sent(), at=now())
        token = login_sessions.open_session(database, user, now(), device=device_asking())
    session.clear()
    inbox = url_for("inbox.show_inbox", business_id=found.business_id)
    return with_token(redirect(inbox, code=303), token)


def _holds(found: Invitation) -> bool:
    return found.is_open(now()) and found.business.status != BusinessStatus.CLOSED


def _page(
    found: Invitation,
    reader: User | None,
    *,
    known: bool,
    refused: str | None = None,
    name: str = "",
) -> str:
    with transaction_across() as database:
        provider = provider_of(database, found.business_id)
    return render_template(
        "join.html",
        provider=provider,
        found=found,
        reader=reader,
        known=known,
        refused=refused,
        name=name,
        back=url_for(PAGE),
    )


def _leads_nowhere() -> ResponseReturnValue:
    why = (
        "It may have been used, taken back, or be older than 7 days. Ask whoever invited you for "
        "another one."
    )
    return say("This invitation does not hold any more", why, code=404)
