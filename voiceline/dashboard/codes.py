"""The service codes of a business: which there are, another one, their brands, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import codes as verbs
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.line import is_watched, months, state_of_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("codes", __name__, url_prefix="/businesses/<uuid:business_id>/codes")

SAID = {
    "taken": "The code is yours. Callers can key it from now on.",
    "named": "Callers hear the new name from the next call on.",
    "withdrawn": "The code does not answer any more.",
}


@blueprint.get("")
def show_codes(business_id: UUID) -> ResponseReturnValue:
    """Show the codes and the numbers that callers dial."""
    return _page(business_id, said=SAID.get(request.args.get("said", "")))


@blueprint.post("")
def take_code(business_id: UUID) -> ResponseReturnValue:
    """Give the business the code it wishes for."""
    code, brand = request.form.get("code", "")[:40], request.form.get("brand", "")[:400]

    def act(database: Session) -> None:
        verbs.take_code(database, business_id, code, brand, by=user(), at=now())

    return _done(business_id, act, "taken", typed={"code": code, "brand": brand})


@blueprint.post("/<uuid:code_id>/brand")
def name_brand(business_id: UUID, code_id: UUID) -> ResponseReturnValue:
    """Say which name callers of the code hear."""
    brand = request.form.get("brand", "")[:400]

    def act(database: Session) -> None:
        verbs.name_brand(database, business_id, code_id, brand, by=user(), at=now())

    return _done(business_id, act, "named")


@blueprint.get("/<uuid:code_id>/withdraw")
def show_withdrawal(business_id: UUID, code_id: UUID) -> ResponseReturnValue:
    """Show what withdrawing the code means."""
    with transaction() as database:
        found = verbs.find_code(database, business_id, code_id)
        others = [
            each
            for each in verbs.codes_of(database, business_id)
            if each.withdrawn_at is None and each.id != code_id
        ]
    return render_template("code_withdraw.html", found=found, others=others)


@blueprint.post("/<uuid:code_id>/withdraw")
def withdraw(business_id: UUID, code_id: UUID) -> ResponseReturnValue:
    """Let the code answer no longer."""

    def act(database: Session) -> None:
        verbs.withdraw_code(database, business_id, code_id, by=user(), at=now())

    return _done(business_id, act, "withdrawn")


def _done(
    business_id: UUID,
    act: Callable[[Session], None],
    said: str,
    *,
    typed: dict[str, str] | None = None,
) -> ResponseReturnValue:
    if refused := refusal(act):
        return _page(business_id, refused=refused, typed=typed), 422
    return redirect(url_for("codes.show_codes", business_id=business_id, said=said), code=303)


def _page(business_id: UUID, **parts: Any) -> str:
    with transaction() as database:
        codes = verbs.codes_of(database, business_id)
        suggested = verbs.suggest_code(database)
        line = state_of_line(database) if is_watched() else []
    answering = [code for code in codes if code.withdrawn_at is None]
    return render_template(
        "codes.html",
        answering=answering,
        withdrawn=[code for code in codes if code.withdrawn_at is not None],
        most=verbs.MOST_CODES[business().tier],
        suggested=suggested,
        numbers=services().settings.twilio_numbers,
        watched=is_watched(),
        line=line,
        months=months(),
        **{"typed": None, "refused": None, "said": None, **parts},
    )
