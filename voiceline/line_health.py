"""The verbs of the line's health: what stands still and why, read from the rows alone.

Rows are the outbox: what is due and stays due, nobody works on. Redis is not asked, for it may be
the one that is away.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, select

from voiceline import audit, canary
from voiceline.audit import Action, Deed
from voiceline.models import (
    ArchiveDestination,
    BulkAction,
    CanaryCall,
    Delivery,
    DerivedAudio,
    PeriodicRun,
    Transcript,
    Voicemail,
)
from voiceline.reach import across
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Business, User
    from voiceline.outbox import AnyOwing

STALLED_AFTER = timedelta(minutes=2)
"""Work that is due for longer than the sweeper's few rounds is worked on by nobody."""

LATE_AFTER = timedelta(minutes=15)
"""No periodic work has a longer period than ten minutes."""

CANARY_DAYS = timedelta(days=7)
MOST_COUNTED = 1000
AT_ONCE = 200

WORK: dict[str, type[AnyOwing]] = {
    "collect": Voicemail,
    "transcribe": Transcript,
    "derive": DerivedAudio,
    "notify": Delivery,
    "act_in_bulk": BulkAction,
    "archive": ArchiveDestination,
}
"""Each table whose rows owe work, by the job that does it."""


@dataclass(frozen=True)
class Backlog:
    """What is due of one kind of work, and since when."""

    job: str
    count: int
    since: datetime | None


@dataclass(frozen=True)
class Parked:
    """Voicemails that were given up for now, and why the last one was."""

    count: int
    why: str | None
    since: datetime | None


def backlogs(session: Session, *, at: datetime) -> list[Backlog]:
    """Answer what stands still of each kind; a count stops at 1000."""
    found = []
    with across(session):
        for job, table in WORK.items():
            late = table.due_at <= at - STALLED_AFTER
            few = select(literal(1)).select_from(table).where(late).limit(MOST_COUNTED).subquery()
            first = select(func.min(table.due_at)).where(late).scalar_subquery()
            count, since = session.execute(select(func.count(), first).select_from(few)).one()
            found.append(Backlog(job, count, since))
    return found


def parked(session: Session) -> Parked:
    """Answer the voicemails whose audio could not be stored; they are tried again every hour."""
    failed = Voicemail.status == VoicemailStatus.FAILED
    with across(session):
        count, since = session.execute(
            select(func.count(), func.min(Voicemail.received_at)).where(failed)
        ).one()
        why = session.scalar(
            select(Voicemail.last_error)
            .where(failed)
            .order_by(Voicemail.received_at.desc())
            .limit(1)
        )
    return Parked(count, why, since)


def try_parked_again(session: Session, operator: Business, user: User, *, at: datetime) -> int:
    """Owe the work on parked voicemails at once, so many of them; noted in the operator's trail."""
    with across(session):
        rows = session.scalars(
            select(Voicemail)
            .where(Voicemail.status == VoicemailStatus.FAILED)
            .order_by(Voicemail.received_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for voicemail in rows:
            voicemail.try_again(at)
        session.flush()
    if rows:
        by, facts = audit.staff(user), {"voicemails": len(rows)}
        subject = audit.about(operator)
        audit.write(session, Deed(operator.id, Action.LINE_TRIED_AGAIN, by, at, subject, facts))
    return len(rows)


def late_runs(session: Session, *, at: datetime) -> Sequence[PeriodicRun]:
    """Answer periodic work that has not begun for too long."""
    # The canary's turn is as far apart as its settings say, and the canary has a look of its own.
    late = (PeriodicRun.last_run_at <= at - LATE_AFTER, PeriodicRun.name != canary.TURN)
    return session.scalars(select(PeriodicRun).where(*late).order_by(PeriodicRun.name)).all()


def newest_run(session: Session) -> datetime | None:
    """Answer when the scheduler last began anything; None where it never did."""
    return session.scalar(select(func.max(PeriodicRun.last_run_at)))


def verdicts(session: Session, *, at: datetime) -> Counter[Any]:
    """Count the canary's verdicts of the last days."""
    rows = session.execute(
        select(CanaryCall.outcome, func.count())
        .where(CanaryCall.placed_at > at - CANARY_DAYS, CanaryCall.outcome.is_not(None))
        .group_by(CanaryCall.outcome)
    )
    return Counter({outcome: count for outcome, count in rows})  # noqa: C416 - a Row is no tuple to mypy
