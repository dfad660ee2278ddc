"""The mail of the canary: the line does not work, still does not, or works again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jobs.envelope import business_of, envelope
from voiceline.errors import PermanentFailure
from voiceline.models import DeliveryKind
from voiceline.notices import is_reader
from voiceline.rules.canary import STEP_WORDS, CanaryStep

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

FAILED = """\
{line}

The first step that was not proven: {step}. Why: {reason}.
Since {since} UTC, {calls} failed. Consumers who call now may meet the same.

What next: run “voiceline doctor” on the server, then “voiceline canary list”, which shows each step
with its moment. “voiceline canary --wait” places a call now and tells what becomes of it.

You are told again each day until the line works, and once when it does.
"""
MENDED = """\
{line}

The trouble began {since} UTC. “voiceline canary list” shows how long each number was affected.
"""


def write_failed(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write which number does not work, and where a call comes to its end."""
    _check_reader(session, delivery)
    facts = delivery.facts or {}
    line = f"The line {facts.get('number')} does not work as it should: a canary call failed."
    step, count = facts.get("step"), facts.get("count", "1")
    text = FAILED.format(
        line=line,
        step=STEP_WORDS[CanaryStep(step)] if step else "unknown",
        reason=facts.get("reason") or "unknown",
        since=_written(facts.get("since")),
        calls="1 canary call" if count == "1" else f"{count} canary calls in a row",
    )
    return envelope(built, delivery, f"Privacy line {facts.get('number')} fails", text)


def write_mended(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write that the number works again."""
    _check_reader(session, delivery)
    facts = delivery.facts or {}
    line = f"The line {facts.get('number')} works again: a canary call went all the way."
    text = MENDED.format(line=line, since=_written(facts.get("since")))
    return envelope(built, delivery, f"Privacy line {facts.get('number')} works again", text)


def _check_reader(session: Session, delivery: Delivery) -> None:
    user_id = delivery.user_id
    if user_id is None or not is_reader(session, business_of(delivery).id, user_id):
        raise PermanentFailure("this person is no member any more")


def _written(moment: str | None) -> str:
    at = datetime.fromisoformat(moment) if moment else None
    return f"{at.astimezone(UTC):%d %b %Y %H:%M}" if at else "an unknown moment"


WRITERS = {
    DeliveryKind.CANARY_FAILED: write_failed,
    DeliveryKind.CANARY_MENDED: write_mended,
}
"""Each kind of message and who writes it."""
