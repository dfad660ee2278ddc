"""The line itself: whether it was proven lately, and a month of proofs to take away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from flask import Blueprint, Response, request

from voiceline.canary import newest_verdicts
from voiceline.canary_files import month_of, write_month
from voiceline.dashboard.context import now, services, transaction
from voiceline.errors import UserError
from voiceline.rules.canary import CanaryOutcome, is_silent

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import CanaryCall

blueprint = Blueprint("line", __name__, url_prefix="/businesses/<uuid:business_id>")


@blueprint.get("/line.csv")
def send_proofs(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - whose colleague may
    """Send the proofs of one month: what was called, when, and how far it came."""
    try:
        month = month_of(request.args.get("month", f"{now():%Y-%m}"))
    except UserError as error:
        return Response(f"{error}\n", status=422, mimetype="text/plain")
    with transaction() as session:
        lines = "".join(write_month(session, month))
    answer = Response(lines, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="line-{month:%Y-%m}.csv"'
    return answer


@dataclass(frozen=True)
class Checked:
    """The newest verdict on one number that callers share."""

    number: str
    at: datetime
    word: Literal["ok", "late", "failed", "stale"]
    """`stale`: it is too long ago to say anything of now."""


def state_of_line(session: Session) -> list[Checked]:
    """Answer the newest verdict on each number that callers share."""
    numbers = services().settings.twilio_numbers
    round_of_all = timedelta(minutes=services().settings.canary_minutes) * len(numbers)
    found = newest_verdicts(session, numbers)
    return [Checked(each.number, each.placed_at, _word(each, round_of_all)) for each in found]


def is_watched() -> bool:
    """Tell whether anything calls the line to prove it."""
    return bool(services().settings.canary_from)


def _word(verdict: CanaryCall, period: timedelta) -> Literal["ok", "late", "failed", "stale"]:
    if is_silent(verdict.placed_at, period, now()):
        return "stale"
    words: dict[CanaryOutcome | None, Literal["ok", "late"]] = {
        CanaryOutcome.OK: "ok",
        CanaryOutcome.LATE: "late",
    }
    return words.get(verdict.outcome, "failed")


def months() -> list[date]:
    """Answer this month and the last one, which can be taken away."""
    this = now().date().replace(day=1)
    return [this, (this - timedelta(days=1)).replace(day=1)]
