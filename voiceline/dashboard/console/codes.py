"""The codes of one business in the operator's console: given, short ones too, and withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from voiceline import audit, businesses, codes, customers
from voiceline.dashboard.console.business import change
from voiceline.dashboard.context import now, transaction, user
from voiceline.errors import NotFoundError

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import Business

blueprint = Blueprint(
    "console_codes", __name__, url_prefix="/operator/businesses/<uuid:account_id>/codes"
)


@blueprint.post("")
def give_code(account_id: UUID) -> ResponseReturnValue:
    """Give the business a code that nobody has, or had."""
    code, brand = request.form.get("code", "")[:40], request.form.get("brand", "")[:400]

    def act(session: Session, found: Business) -> None:
        by = audit.operators(user())
        codes.give_code(session, found, code, brand, by=by, at=now())

    return change(account_id, act, "given")


@blueprint.get("/<uuid:code_id>/withdraw")
def show_withdrawal(account_id: UUID, code_id: UUID) -> ResponseReturnValue:
    """Show what withdrawing the code means."""
    with transaction() as session:
        found = customers.find_customer(session, account_id)
    code = next((each for each in found.codes if each.id == code_id), None)
    if code is None:
        raise NotFoundError("no such code")
    others = [each for each in found.codes if each.withdrawn_at is None and each.id != code_id]
    return render_template("console/code_withdraw.html", found=found, code=code, others=others)


@blueprint.post("/<uuid:code_id>/withdraw")
def withdraw(account_id: UUID, code_id: UUID) -> ResponseReturnValue:
    """Let the code answer no longer, for ever."""

    def act(session: Session, found: Business) -> None:
        code = codes.find_code(session, found.id, code_id)
        businesses.withdraw_code(session, code, by=audit.operators(user()), at=now())

    return change(account_id, act, "withdrawn")
