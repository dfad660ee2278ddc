"""The verb of owing somebody a message: once by its key, in the transaction of its cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from voiceline.database import insert_once
from voiceline.models import Delivery, DeliveryKind
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.lifecycle import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Owed:
    """One message; what shares a key is sent once, whoever owes it first."""

    kind: DeliveryKind
    key: str
    """What it says, about what and to whom, at most 200 characters: `letter/<id>`."""
    business_id: UUID
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


def _row(owed: Owed, at: datetime) -> dict[str, object]:
    return {
        "id": uuid4(),
        "status": DeliveryStatus.PENDING,
        "attempts": 0,
        "created_at": at,
        "due_at": at + OFFER_AFTER,
        **vars(owed),
    }
