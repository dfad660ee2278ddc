"""The verbs of work that is owed: the rows are the outbox, the queue is only a wake-up.

Every job begins by claiming its row (a compare-and-set with a token) and ends in the same
transaction as its effect, because RQ runs a job at least once, and sometimes twice at the same
time. `due_at` is when the work may be offered again: a claim moves it to the end of its lease, a
failure to the next attempt, an end to never.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update

from voiceline.models import (
    ArchiveDestination,
    BulkAction,
    Delivery,
    DerivedAudio,
    Erasure,
    Transcript,
    Voicemail,
)
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

AnyOwing = (
    Voicemail | Transcript | Delivery | DerivedAudio | BulkAction | ArchiveDestination | Erasure
)
"""A row that can owe work, of whichever table."""

Owing = TypeVar("Owing", bound=AnyOwing)

LEASE = timedelta(seconds=60)
"""How long a claim holds; every job's time limit is shorter."""

OFFER_AFTER = timedelta(seconds=15)
"""New work is offered to the queue at once; after this long the sweeper offers it again."""

OFFER_AGAIN = timedelta(seconds=30)
"""How long an offer is left to the queue before it is made once more."""

LONGEST_WAIT = timedelta(seconds=60)
"""However long a neighbour was away: two minutes after it is back, its backlog is under way."""

FIRST_WAIT = timedelta(seconds=5)
TRY_PARKED_AGAIN = timedelta(hours=1)


def claim(
    session: Session, table: type[Owing], row_id: UUID, *, at: datetime, lease: timedelta = LEASE
) -> Owing | None:
    """Take the row, or answer None because nothing is owed or somebody else holds it."""
    return session.scalar(
        update(table)
        .where(
            table.id == row_id,
            table.due_at.is_not(None),
            or_(table.claim.is_(None), table.due_at <= at),
        )
        .values(claim=uuid4(), due_at=at + lease, attempts=table.attempts + 1)
        .returning(table)
        .execution_options(populate_existing=True)
    )


def reclaim(session: Session, table: type[Owing], row_id: UUID, token: UUID | None) -> Owing | None:
    """Read the row again, locked, to write down an effect; None when the claim was lost."""
    return session.scalar(
        select(table)
        .where(table.id == row_id, table.claim == token)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def hold(session: Session, table: type[Owing], row_id: UUID) -> Owing | None:
    """Read a row that somebody has claimed, locked; its holder is known to be dead."""
    return session.scalar(
        select(table).where(table.id == row_id, table.claim.is_not(None)).with_for_update()
    )


def postpone(row: AnyOwing, error: str, *, until: datetime) -> None:
    """Let go of the row and owe the work again later; `error` holds nothing of a caller's."""
    row.claim, row.due_at, row.last_error = None, until, error[:500]


def park(row: AnyOwing, reason: str, *, at: datetime) -> None:
    """Give up for now; audio that is safe, or was parked before, is tried again every hour."""
    if isinstance(row, Voicemail) and row.status == VoicemailStatus.FAILED:
        row.try_again(at)
    if isinstance(row, Voicemail) and row.status != VoicemailStatus.PENDING:
        postpone(row, reason, until=at + TRY_PARKED_AGAIN)
    else:
        row.fail(reason, at)


def wait_after(attempts: int) -> timedelta:
    """Answer how long to wait after so many attempts: doubling, a minute at most."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(attempts, 1) - 1, 16)
    return min(doubled, LONGEST_WAIT)


def offer_due(session: Session, table: type[Owing], *, at: datetime, limit: int) -> Sequence[UUID]:
    """Answer rows whose work may be offered now, and leave them to the queue for a while."""
    due = (
        select(table.id)
        .where(table.due_at <= at)
        .order_by(table.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(due).all()
    session.execute(
        update(table)
        .where(table.id.in_(ids))
        .values(due_at=at + OFFER_AGAIN, claim=None)
        .execution_options(synchronize_session=False)
    )
    return ids
