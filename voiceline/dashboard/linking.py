"""Linking a provider's account to the user whose address it has: the user proves it first."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import identities, pending_sign_ins, second_steps
from voiceline.accounts import TRIES_WINDOW, Refusal, check_password
from voiceline.code_apps import has_code_app
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, sealer, secret, services, transaction_across
from voiceline.dashboard.letting_in import lead_in, let_in
from voiceline.dashboard.pending_cookie import pending_token, without_pending
from voiceline.errors import UserError
from voiceline.identities import Arrival
from voiceline.limits import counted_address
from voiceline.models import PendingKind, SignInWay
from voiceline.reach import Reach, bind

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import PendingSignIn, User

blueprint = Blueprint("linking", __name__, url_prefix="/sign-in/link")


@blueprint.get("")
def show_form() -> ResponseReturnValue:
    """Say what would be linked to whom, and ask for what the user signs in with."""
    with transaction_across() as database:
        step = _step(database)
        needs_code = bool(step and step.user and has_code_app(database, step.user))
    if step is None:
        return _start_anew()
    return _show(step, needs_code=needs_code)


@blueprint.post("")
def submit_form() -> ResponseReturnValue:
    """Link and sign in, where everything that the user has was proved."""
    with bind(services().sessions(), Reach.EVERYWHERE) as database:
        step = _step(database)
        if step is None or step.user is None:
            return _start_anew()
        needs_code = has_code_app(database, step.user)
        refusal = _prove(database, step.user, needs_code=needs_code)
        token = None
        if refusal is None and pending_sign_ins.finish(database, step):
            token = _link(database, step, step.user, needs_code=needs_code)
        database.commit()
    if refusal is Refusal.TOO_OFTEN:
        raise TooManyRequests(retry_after=int(TRIES_WINDOW.total_seconds()))
    if refusal is Refusal.WRONG:
        return _show(step, needs_code=needs_code, refused=True), 422
    wanted = local_path(step.facts.get("wanted"))
    return lead_in(token, wanted) if token else _start_anew()


def _prove(database: Session, user: User, *, needs_code: bool) -> Refusal | None:
    address, password = counted_address(request.remote_addr), request.form.get("password", "")
    refusal = check_password(database, user, password, address=address, secret=secret(), at=now())
    if refusal is not None or not needs_code:
        return refusal
    code = request.form.get("code", "")
    return second_steps.prove_code(
        database, user, code, sealer=sealer(), address=address, secret=secret(), at=now()
    )


def _link(database: Session, step: PendingSignIn, user: User, *, needs_code: bool) -> str | None:
    facts = step.facts
    provider_id = UUID(facts["provider_id"]) if facts["provider_id"] else None
    arrival = Arrival(facts["issuer"], facts["subject"], facts["email"] or None)
    try:
        identities.link(database, user, arrival, now())
    except UserError:
        return None
    way = SignInWay.PASSWORD_AND_CODE if needs_code else SignInWay.PASSWORD
    if provider_id is not None:
        way = SignInWay.BUSINESS_PROVIDER
    answer = let_in(database, user, way, provider_id=provider_id)
    return answer if isinstance(answer, str) else None


def _step(database: Session) -> PendingSignIn | None:
    return pending_sign_ins.find(database, pending_token(), now(), PendingKind.LINK)


def _show(step: PendingSignIn, *, needs_code: bool, refused: bool = False) -> str:
    return render_template(
        "linking.html", facts=step.facts, person=step.user, needs_code=needs_code, refused=refused
    )


def _start_anew() -> ResponseReturnValue:
    return without_pending(redirect(url_for("sign_in.show_form", over="yes"), code=303))
