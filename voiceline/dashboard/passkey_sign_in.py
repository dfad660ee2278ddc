"""Signing in with a passkey, alone or as the second step; the script asks for a challenge first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import passkeys, pending_sign_ins
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, secret, site, transaction_across
from voiceline.dashboard.letting_in import lead_in, let_in
from voiceline.dashboard.passkey_sites import passkeys_work
from voiceline.dashboard.pending_cookie import pending_token, with_pending
from voiceline.limits import counted_address, limit_key, take
from voiceline.models import PendingKind, SignInWay
from voiceline.pending_sign_ins import CHALLENGE_LASTS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.accounts import Halfway
    from voiceline.models import PendingSignIn

blueprint = Blueprint("passkey_sign_in", __name__, url_prefix="/sign-in/passkey")

TRIES = 30
"""Challenges a network address may ask for in the time one lasts: nobody can guess a signature, but
each is a row."""


@blueprint.post("/challenge")
def send_challenge() -> ResponseReturnValue:
    """Send a new challenge, in a step of its own or in the second step that waits."""
    if not passkeys_work():
        abort(404)
    with transaction_across() as database:
        if not _within_limit(database):
            raise TooManyRequests(retry_after=int(CHALLENGE_LASTS.total_seconds()))
        before = pending_sign_ins.find(database, pending_token(), now(), *_KINDS)
        user = before.user if before else None
        keys = passkeys.passkeys_of(database, user) if user else []
        options, challenge = passkeys.options_to_prove(site(), keys)
        wanted = local_path(request.form.get("next")) or ""
        token = _begin(database, before, challenge, wanted)
    answer = Response(options, content_type="application/json")
    return with_pending(answer, token)


@blueprint.post("")
def submit_answer() -> ResponseReturnValue:
    """Open a session where a key of somebody's signed the challenge; either way it is used up."""
    with transaction_across() as database:
        step = pending_sign_ins.find(database, pending_token(), now(), *_KINDS)
        answer, wanted = None, None
        if step is not None:
            answer, wanted = _answer(database, step), local_path(step.facts.get("wanted"))
    if answer is None:
        page = "second_step.show_form" if step and step.user_id else "sign_in.show_form"
        return redirect(url_for(page, key="refused"), code=303)
    return lead_in(answer, wanted)


_KINDS = (PendingKind.PASSKEY, PendingKind.SECOND_STEP)


def _answer(database: Session, step: PendingSignIn) -> str | Halfway | None:
    fresh = float(step.facts.get("challenge_until", "0")) > now().timestamp()
    alone = step.kind == PendingKind.PASSKEY
    if not alone:
        challenge = pending_sign_ins.take_challenge(database, step)
    elif pending_sign_ins.finish(database, step):
        challenge = step.facts.get("challenge")
    else:
        challenge = None
    if not challenge or not fresh:
        return None
    said = request.form.get("answer", "")
    user = passkeys.check(
        database, said, challenge=challenge, site=site(), at=now(), user=step.user
    )
    if user is None or not (alone or pending_sign_ins.finish(database, step)):
        return None
    return let_in(database, user, SignInWay.PASSKEY)


def _begin(database: Session, before: PendingSignIn | None, challenge: str, wanted: str) -> str:
    """Keep the challenge; a second step goes on under a new token and ends when it would have."""
    until = str((now() + CHALLENGE_LASTS).timestamp())
    facts = {"challenge": challenge, "challenge_until": until, "wanted": wanted}
    if before is None:
        return pending_sign_ins.begin(database, PendingKind.PASSKEY, now(), facts=facts)
    pending_sign_ins.finish(database, before)
    if before.kind == PendingKind.PASSKEY:
        return pending_sign_ins.begin(database, PendingKind.PASSKEY, now(), facts=facts)
    facts["wanted"] = before.facts.get("wanted", "")
    return pending_sign_ins.begin(
        database,
        before.kind,
        now(),
        user=before.user,
        way=before.way,
        facts=facts,
        until=before.ends_at,
    )


def _within_limit(database: Session) -> bool:
    key = limit_key("passkey.address", counted_address(request.remote_addr), secret())
    return take(database, key=key, allowance=TRIES, window=CHALLENGE_LASTS, at=now())
