"""Proving again to be there, before something that cannot be taken back (ASVS 5.0, 7.5.3).

By whatever the person has: the password, a passkey, or the provider, which is asked to sign them in
anew. A code from an app is no proof by itself: telephones lie about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import identities, login_sessions, passkeys, pending_sign_ins
from voiceline.accounts import TRIES_WINDOW, Refusal, check_password
from voiceline.dashboard import openid, provider_trips
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, secret, services, site, transaction_across, user
from voiceline.dashboard.login_cookie import with_token
from voiceline.dashboard.passkey_sites import passkeys_work
from voiceline.dashboard.pending_cookie import pending_token, with_pending, without_pending
from voiceline.dashboard.provider_trips import CONFIRM, as_client, google
from voiceline.limits import counted_address
from voiceline.models import IdentityProvider, PendingKind
from voiceline.reach import Reach, bind

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.openid import Provider

blueprint = Blueprint("confirming", __name__, url_prefix="/confirm")


@blueprint.get("")
def show_form() -> ResponseReturnValue:
    """Ask who is signed in to prove that it is they."""
    return _show(_wanted(request.args.get("next")))


@blueprint.post("")
def submit_form() -> ResponseReturnValue:
    """Go on under a new token to what was wanted."""
    wanted = _wanted(request.form.get("next"))
    with bind(services().sessions(), Reach.EVERYWHERE) as database:
        refusal = check_password(
            database,
            user(),
            request.form.get("password", ""),
            address=counted_address(request.remote_addr),
            secret=secret(),
            at=now(),
        )
        token = None if refusal else login_sessions.confirm(database, g.login, now())
        database.commit()
    if refusal is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=int(TRIES_WINDOW.total_seconds()))
    if token is None:
        return _show(wanted, refused=True), 422
    return with_token(redirect(wanted, code=303), token)


@blueprint.post("/passkey/challenge")
def send_challenge() -> ResponseReturnValue:
    """Send a challenge for one of the person's passkeys."""
    if not passkeys_work():
        abort(404)
    with transaction_across() as database:
        keys = passkeys.passkeys_of(database, user())
        options, challenge = passkeys.options_to_prove(site(), keys)
        facts = {"challenge": challenge, "session": str(g.login.id)}
        kind = PendingKind.PASSKEY
        token = pending_sign_ins.begin(database, kind, now(), user=user(), facts=facts)
    return with_pending(Response(options, content_type="application/json"), token)


@blueprint.post("/passkey")
def submit_passkey() -> ResponseReturnValue:
    """Go on where one of the person's keys signed the challenge of this session."""
    wanted = _wanted(request.form.get("next"))
    with transaction_across() as database:
        step = pending_sign_ins.find(database, pending_token(), now(), PendingKind.PASSKEY)
        mine = step is not None and step.facts.get("session") == str(g.login.id)
        proven = None
        if step is not None and mine and pending_sign_ins.finish(database, step):
            proven = passkeys.check(
                database,
                request.form.get("answer", ""),
                challenge=step.facts["challenge"],
                site=site(),
                at=now(),
                user=user(),
            )
        token = login_sessions.confirm(database, g.login, now()) if proven else None
    if token is None:
        return _show(wanted, problem="That passkey did not work: try again."), 422
    return without_pending(with_token(redirect(wanted, code=303), token))


@blueprint.post("/provider")
def set_out() -> ResponseReturnValue:
    """Send the person to their provider, to sign in there anew."""
    with transaction_across() as database:
        provider = _provider(database)
    if provider is None:
        abort(404)
    wanted = _wanted(request.form.get("next"))
    return provider_trips.set_out(provider, CONFIRM, wanted=wanted, login=g.login)


def _provider(database: Session) -> Provider | None:
    """Answer the provider that can tell who is there: the one of the session, or a linked one."""
    if g.login.identity_provider_id is not None:
        row = database.get(IdentityProvider, g.login.identity_provider_id)
        return as_client(row) if row else None
    issuers = {each.issuer for each in identities.identities_of(database, user())}
    everybodys = google()
    if everybodys is not None and everybodys.issuer in issuers:
        return everybodys
    return None


def _show(wanted: str, *, refused: bool = False, problem: str | None = None) -> str:
    with transaction_across() as database:
        provider = _provider(database)
        keys = passkeys.count_passkeys(database, user()) if passkeys_work() else 0
    if provider is not None:
        g.form_targets = [openid.origin_of(provider.issuer)]
    if request.args.get("provider") == "refused":
        problem = "Your provider did not ask you to sign in anew, or it was somebody else."
    return render_template(
        "confirm.html",
        wanted=wanted,
        refused=refused,
        problem=problem,
        provider=provider,
        with_key=keys > 0,
    )


def _wanted(text: str | None) -> str:
    return local_path(text) or url_for("businesses.go_home")
