"""The verbs of messages: owing one, once by its key, in its cause's transaction; what is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import func, or_, select

from voiceline.database import insert_once
from voiceline.models import Delivery, DeliveryKind
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.lifecycle import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

LATE_AFTER = timedelta(hours=1)
TOLD_FOR = timedelta(days=7)
"""How long a message that was given up is still told of: nothing takes it out of its table."""

MANY = 5
"""A writer refuses a message that nobody wants any more at once; what took more tries is a loss."""


@dataclass(frozen=True)
class Owed:
    """One message; what shares a key is sent once, whoever owes it first."""

    kind: DeliveryKind
    key: str
    """What it says, about what and to whom, at most 200 characters: `letter/<id>`."""
    business_id: UUID | None
    """None where it is about a person's own account."""
    address: str
    request_id: UUID | None = None
    user_id: UUID | None = None
    letter_id: UUID | None = None
    about_on: date | None = None
    facts: dict[str, str] | None = None


def owe(session: Session, messages: Iterable[Owed], *, at: datetime) -> list[UUID]:
    """Owe the messages in one statement; answer the deliveries that are new.

    The queue need not be told: the sweeper offers whatever is due.
    """
    rows = [_row(each, at) for each in messages]
    if not rows:
        return []
    insert = insert_once(session, Delivery).values(rows).returning(Delivery.id)
    return list(session.scalars(insert))


def count_late(session: Session, *, at: datetime) -> tuple[int, str | None]:
    """Answer how many messages are owed since long, and why; None where none was tried."""
    return _count(session, Delivery.due_at.is_not(None), Delivery.created_at <= at - LATE_AFTER)


def count_lost(session: Session, *, at: datetime) -> tuple[int, str | None]:
    """Answer how many were given up of late though somebody was to have them, and why the last."""
    return _count(session, *lost(since=at - TOLD_FOR))


def lost(*, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Answer the conditions of what was given up since though somebody was to have it."""
    refused = Delivery.last_error.startswith("the mail server")
    return (
        Delivery.status == DeliveryStatus.FAILED,
        Delivery.finished_at > since,
        or_(refused, Delivery.attempts >= MANY),
    )


def _count(session: Session, *which: ColumnElement[bool]) -> tuple[int, str | None]:
    count = session.scalar(select(func.count()).select_from(Delivery).where(*which))
    newest = (Delivery.finished_at.desc(), Delivery.attempts.desc())
    why = session.scalar(select(Delivery.last_error).where(*which).order_by(*newest).limit(1))
    return count or 0, why


def _row(owed: Owed, at: datetime) -> dict[str, object]:
    return {
        "id": uuid4(),
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "created_at": at,
        "due_at": at + OFFER_AFTER,
        **vars(owed),
    }
