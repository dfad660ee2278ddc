"""Access to a business in the operator's console: asked for, taken back, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import customers
from voiceline import grants as verbs
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.context import now, transaction, user
from voiceline.dashboard.grants import by_state

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint(
    "console_grants", __name__, url_prefix="/operator/businesses/<uuid:account_id>/access"
)

SAID = {
    "asked": "Its owners and admins are told by e-mail. You can read nothing before an owner "
    "approves.",
    "taken-back": "That is over: you can read nothing there.",
}


@blueprint.get("")
def show_grants(account_id: UUID) -> ResponseReturnValue:
    """Show the form, and what was ever asked of the business."""
    return _page(account_id, said=SAID.get(request.args.get("said", "")))


@blueprint.post("")
def ask(account_id: UUID) -> ResponseReturnValue:
    """Ask the business for access to read."""
    reason, hours = request.form.get("reason", "")[:2000], request.form.get("hours", "")
    wanted = int(hours) if hours in {str(each) for each in verbs.LENGTHS} else 0

    def act(session: Session) -> None:
        verbs.ask(session, account_id, reason=reason, hours=wanted, by=user(), at=now())

    if refused := refusal(act):
        return _page(account_id, refused=refused, reason=reason, hours=wanted), 422
    return _back(account_id, "asked")


@blueprint.post("/<uuid:grant_id>/take-back")
def take_back(account_id: UUID, grant_id: UUID) -> ResponseReturnValue:
    """Take back what was asked for, or end what runs."""

    def act(session: Session) -> None:
        verbs.take_back(session, account_id, grant_id, by=user(), at=now())

    if refused := refusal(act):
        return _page(account_id, refused=refused), 422
    return _back(account_id, "taken-back")


def _back(account_id: UUID, said: str) -> ResponseReturnValue:
    page = url_for("console_grants.show_grants", account_id=account_id, said=said)
    return redirect(page, code=303)


def _page(account_id: UUID, **parts: Any) -> str:
    with transaction() as session:
        found = customers.find_customer(session, account_id)
        asked = verbs.grants_of(session, account_id)
    return render_template(
        "console/access.html",
        found=found,
        **by_state(asked, now()),
        now=now(),
        **{"said": None, "refused": None, "reason": "", "hours": 1, **parts},
    )
