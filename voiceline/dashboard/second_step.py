"""The second step of signing in: a code of the person's app, or a recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import pending_sign_ins, second_steps
from voiceline.accounts import Refusal
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, sealer, secret, services, transaction_across
from voiceline.dashboard.letting_in import lead_in, let_in
from voiceline.dashboard.passkey_sites import passkeys_work
from voiceline.dashboard.pending_cookie import pending_token, without_pending
from voiceline.limits import counted_address
from voiceline.models import PendingKind, SignInWay
from voiceline.passkeys import count_passkeys
from voiceline.reach import Reach, bind

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import PendingSignIn, User

blueprint = Blueprint("second_step", __name__, url_prefix="/sign-in/second-step")

AFTER = {SignInWay.PASSWORD: SignInWay.PASSWORD_AND_CODE}
"""What a first way and a code are together; others stay what they are."""


@blueprint.get("")
def show_form() -> ResponseReturnValue:
    """Ask for the second thing, or for the first again where too much time has passed."""
    with transaction_across() as database:
        step = _step(database)
        keys = count_passkeys(database, step.user) if step and step.user else 0
    if step is None:
        return _start_anew()
    with_key = bool(keys) and passkeys_work()
    return render_template("second_step.html", refused=None, with_key=with_key)


@blueprint.post("")
def submit_form() -> ResponseReturnValue:
    """Open the session where the code is right; the step stays where it is not."""
    recovery = request.form.get("recovery", "")
    with bind(services().sessions(), Reach.EVERYWHERE) as database:
        step = _step(database)
        if step is None or step.user is None:
            return _start_anew()
        refusal = _prove(database, step.user, request.form.get("code", ""), recovery)
        token = None
        wanted = local_path(step.facts.get("wanted"))
        if refusal is None and pending_sign_ins.finish(database, step):
            way = step.way or SignInWay.PASSWORD
            token = let_in(database, step.user, AFTER.get(way, way))
        keys = count_passkeys(database, step.user)
        database.commit()
    if refusal is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=300)
    if refusal is Refusal.WRONG:
        what, with_key = "recovery" if recovery else "code", bool(keys) and passkeys_work()
        return render_template("second_step.html", refused=what, with_key=with_key), 422
    return lead_in(token, wanted) if token else _start_anew()


def _prove(database: Session, user: User, code: str, recovery: str) -> Refusal | None:
    address = counted_address(request.remote_addr)
    if recovery:
        return second_steps.prove_recovery_code(
            database, user, recovery, address=address, secret=secret(), at=now()
        )
    return second_steps.prove_code(
        database, user, code, sealer=sealer(), address=address, secret=secret(), at=now()
    )


def _step(database: Session) -> PendingSignIn | None:
    return pending_sign_ins.find(database, pending_token(), now(), PendingKind.SECOND_STEP)


def _start_anew() -> ResponseReturnValue:
    return without_pending(redirect(url_for("sign_in.show_form", over="yes"), code=303))
