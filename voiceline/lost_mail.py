"""The verb of lost mail: what was given up for reasons of ours is owed again, once each.

It stays the same message with the same Message-ID. What its reader was told by another message
meanwhile, or what is not to be told any more, stays given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from voiceline.deliveries import lost
from voiceline.letters import appeals_of, letters_of, offers
from voiceline.models import TO_STAFF, Delivery
from voiceline.rules.lifecycle import DeliveryStatus

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST_ROWS = 200

_REFUSED = "the mail server refused every recipient with "
_OF_MAILBOX = tuple(f"{_REFUSED}{code}" for code in (550, 551, 552, 553, 556))


@dataclass(frozen=True)
class Batch:
    """What became of a piece of the lost mail; `last` is None where there was none."""

    owed: int = 0
    overtaken: int = 0
    """Left as it was: its reader was told since, or it tells of what is no more."""
    last: UUID | None = None

    def __add__(self, later: Batch) -> Batch:
        return Batch(self.owed + later.owed, self.overtaken + later.overtaken, later.last)


def owe_again(
    session: Session,
    *,
    since: datetime,
    at: datetime,
    addresses: bool = False,
    after: UUID | None = None,
    limit: int = MOST_ROWS,
) -> Batch:
    """Owe again what was given up since for reasons of ours, in the order of ids after one of them.

    With `addresses`, also what the server refused because of its address.
    """
    query = select(Delivery).where(*lost(since=since), not_(_was_taken()))
    if not addresses:
        query = query.where(not_(_was_of_mailbox()))
    if after is not None:
        query = query.where(Delivery.id > after)
    found = session.scalars(
        query.order_by(Delivery.id).limit(limit).with_for_update(skip_locked=True)
    ).all()
    owed = sum(_offer(session, delivery, at) for delivery in found)
    return Batch(owed, len(found) - owed, found[-1].id if found else None)


def _was_taken() -> ColumnElement[bool]:
    return Delivery.last_error.startswith("the mail server took the message")


def _was_of_mailbox() -> ColumnElement[bool]:
    """Tell, of one that is lost, whether the server said it of the mailbox.

    Without an enhanced code the digits tell; they were for good, too, when they were about us.
    """
    enhanced = Delivery.last_error.like(f"{_REFUSED}5__ 5.%")
    ours = Delivery.last_error.contains("because of us")
    return or_(Delivery.last_error.in_(_OF_MAILBOX), and_(enhanced, not_(ours)))


def _offer(session: Session, delivery: Delivery, at: datetime) -> bool:
    """Owe it again and answer True, unless there is nobody to be told of it any more."""
    with session.begin_nested() as step:
        delivery.try_again(at)
        session.flush()
        wanted = _is_wanted(session, delivery)
        if not wanted:
            step.rollback()
    return wanted


def _is_wanted(session: Session, delivery: Delivery) -> bool:
    """Tell whether the consumer is still to have it; of mail to colleagues its writer decides."""
    if delivery.kind in TO_STAFF:
        return True
    request = delivery.request
    if request is None or request.requester is None or request.requester.email != delivery.address:
        return False
    if delivery.letter is None:
        return not _has_newer(session, delivery)
    found = offers(request, letters_of(session, request), appeals_of(session, request))
    return any(offer.sent is delivery.letter for offer in found)


def _has_newer(session: Session, delivery: Delivery) -> bool:
    newer = aliased(Delivery)
    same = (newer.request_id == delivery.request_id, newer.kind == delivery.kind)
    later = (newer.created_at > delivery.created_at, newer.status != DeliveryStatus.FAILED)
    return bool(session.scalar(select(exists().where(*same, *later))))
