"""The verbs of the database's clock, by which voicemails expire, and of whether it is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from voiceline import audit
from voiceline.alarms import Alarm, alarm
from voiceline.audit import Action, Deed
from voiceline.database import insert_once
from voiceline.errors import UserError
from voiceline.intake import operator_code
from voiceline.models import ClockMark
from voiceline.rules.clocks import Doubt, doubt, is_alarming

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.audit import Actor

ONE = 1
"""The id of the only row."""


@dataclass(frozen=True)
class Look:
    """What the database's clock shows, what it showed last, and why it is not believed."""

    at: datetime
    seen_at: datetime | None
    doubt: Doubt | None


def database_now(session: Session) -> datetime:
    """Answer what the database's clock shows now, not when its transaction began."""
    if session.get_bind().dialect.name == "sqlite":
        shown = session.scalar(select(func.strftime("%Y-%m-%d %H:%M:%f", "now")))
        return datetime.fromisoformat(str(shown)).replace(tzinfo=UTC)
    moment: datetime = session.scalars(select(func.clock_timestamp())).one()
    return moment.astimezone(UTC)


def look(session: Session, *, process: datetime) -> Look:
    """Compare the database's clock with the process's and with what it showed before."""
    seen_at = session.scalar(select(ClockMark.seen_at))
    at = database_now(session)
    return Look(at, seen_at, doubt(at, process, seen_at))


def moment(session: Session, *, process: datetime) -> datetime | None:
    """Answer the moment by which voicemails may be deleted; None, and an alarm, when in doubt."""
    found = look(session, process=process)
    if found.doubt is None:
        _mark(session, found.at)
        return found.at
    if is_alarming(found.doubt, found.at, found.seen_at):
        shown = {"database": found.at, "process": process, "seen": found.seen_at}
        facts = {name: each.isoformat() for name, each in shown.items() if each is not None}
        alarm(session, Alarm.CLOCK, {"doubt": found.doubt.value, **facts}, at=process)
    return None


def confirm(session: Session, *, by: Actor, process: datetime) -> datetime:
    """Believe the database's clock as it is, because a person compared it with the time of day.

    Two clocks that say different things cannot both be right: that needs mending.
    """
    found = look(session, process=process)
    if found.doubt == Doubt.APART:
        raise UserError(
            f"The database's clock shows {found.at:%Y-%m-%d %H:%M:%S} UTC, this machine's "
            f"{process:%Y-%m-%d %H:%M:%S} UTC. Put the wrong one right first."
        )
    session.execute(insert_once(session, ClockMark).values(id=ONE, seen_at=found.at))
    session.execute(update(ClockMark).values(seen_at=found.at))
    operator = operator_code(session).business
    facts = {"doubt": found.doubt.value if found.doubt else None}
    deed = Deed(operator.id, Action.CLOCK_CONFIRMED, by, process, audit.about(operator), facts)
    audit.write(session, deed)
    return found.at


def _mark(session: Session, at: datetime) -> None:
    session.execute(insert_once(session, ClockMark).values(id=ONE, seen_at=at))
    session.execute(update(ClockMark).where(ClockMark.seen_at < at).values(seen_at=at))
