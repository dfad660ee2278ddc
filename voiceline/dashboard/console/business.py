"""One business in the operator's console: what it is, its tier, its trial, its line, its owner.

Whatever is done here stands in the business's own trail, under the name of who did it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for

from voiceline import audit, businesses, customers, invitations, voicemails
from voiceline.codes import suggest_code
from voiceline.dashboard.console.words import one_of
from voiceline.dashboard.context import now, secret, transaction, user
from voiceline.errors import IllegalMoveError, NotFoundError, UserError
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import NOTICE, RETENTION_DAYS, AccountTier
from voiceline.rules.service_codes import OPERATOR_CODE
from voiceline.rules.trials import trial_days_left

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import Business

    Act = Callable[[Session, Business], object]

blueprint = Blueprint(
    "console_business", __name__, url_prefix="/operator/businesses/<uuid:account_id>"
)

LONGEST_TRIAL = timedelta(days=3650)
SAID = {
    "opened": "The business is open, and the invitation of its owner is on its way.",
    "invited": "The invitation is on its way; any earlier one leads nowhere now.",
    "tier": "The tier was changed. No voicemail expires for it within 30 days.",
    "trial": "The trial has another end.",
    "suspended": "The line is suspended: its codes do not answer. Everything it has stays.",
    "resumed": "Its codes answer again.",
    "given": "The code answers from the next call on.",
    "withdrawn": "The code does not answer any more.",
}


@blueprint.get("")
def show_business(account_id: UUID) -> ResponseReturnValue:
    """Show what the business is and how many things it has."""
    return show(account_id, said=SAID.get(request.args.get("said", "")))


@blueprint.get("/tier")
def show_tier(account_id: UUID) -> ResponseReturnValue:
    """Show what each tier does to how long voicemails are kept."""
    with transaction() as session:
        found = customers.find_customer(session, account_id)
    days = NOTICE.days
    return render_template("console/tier.html", found=found, kept=RETENTION_DAYS, notice=days)


@blueprint.post("/tier")
def change_tier(account_id: UUID) -> ResponseReturnValue:
    """Move the business to another tier."""
    tier = one_of(AccountTier, request.form.get("tier", "")) or abort(400)

    def act(session: Session, found: Business) -> None:
        if found.tier != tier:
            by = audit.operators(user())
            voicemails.change_tier(session, found, tier, by=by, at=now())

    return change(account_id, act, "tier")


@blueprint.post("/trial")
def set_trial(account_id: UUID) -> ResponseReturnValue:
    """Let a trial last to the end of a day of the business."""

    def act(session: Session, found: Business) -> None:
        until = _end_of(request.form.get("until", ""), found.time_zone)
        businesses.set_trial_end(session, found, until, by=audit.operators(user()), at=now())

    return change(account_id, act, "trial")


@blueprint.get("/suspend")
def show_suspension(account_id: UUID) -> ResponseReturnValue:
    """Show what suspending the line means."""
    with transaction() as session:
        found = customers.find_customer(session, account_id)
    return render_template("console/suspend.html", found=found)


@blueprint.post("/suspend")
def suspend(account_id: UUID) -> ResponseReturnValue:
    """Stop answering for the business."""

    def act(session: Session, found: Business) -> None:
        if found.status != BusinessStatus.SUSPENDED:
            businesses.suspend(session, found, by=audit.operators(user()), at=now())

    return change(account_id, act, "suspended")


@blueprint.post("/resume")
def resume(account_id: UUID) -> ResponseReturnValue:
    """Answer for the business again."""

    def act(session: Session, found: Business) -> None:
        if found.status != BusinessStatus.ACTIVE:
            businesses.resume(session, found, by=audit.operators(user()), at=now())

    return change(account_id, act, "resumed")


@blueprint.post("/owner")
def invite_owner(account_id: UUID) -> ResponseReturnValue:
    """Offer the place of the first owner to an address."""
    email = request.form.get("email", "")[:400]

    def act(session: Session, found: Business) -> None:
        invitations.invite_first_owner(session, found, email, by=user(), secret=secret(), at=now())

    return change(account_id, act, "invited")


def change(account_id: UUID, act: Act, said: str) -> ResponseReturnValue:
    """Do something to a business and go back to its page, which says what, or why not."""
    try:
        with transaction() as session, customers.changing(session, account_id, by=user()) as found:
            act(session, found)
    except NotFoundError:
        raise
    except UserError as error:
        return show(account_id, refused=str(error)), 422
    except IllegalMoveError:
        return show(account_id, refused="The account is closed: nothing opens it again."), 422
    page = url_for("console_business.show_business", account_id=account_id, said=said)
    return redirect(page, code=303)


def show(account_id: UUID, **parts: Any) -> str:
    """Answer the page of a business."""
    with transaction() as session:
        found = customers.find_customer(session, account_id)
        suggested = suggest_code(session)
    return render_template(
        "console/business.html",
        found=found,
        suggested=suggested,
        is_ours=any(code.code == OPERATOR_CODE for code in found.codes),
        days_left=trial_days_left(found.business.trial_ends_at, now()),
        kept=RETENTION_DAYS,
        now=now(),
        **{"said": None, "refused": None, **parts},
    )


def _end_of(text: str, zone: str) -> datetime:
    """Answer the last moment of a day, which is today or to come; raises UserError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UserError("Say the last day of the trial as a date.") from None
    end = datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)
    if not now() <= end <= now() + LONGEST_TRIAL:
        raise UserError("A trial ends today or later, and within ten years.")
    return end
