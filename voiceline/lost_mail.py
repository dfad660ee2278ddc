"""The verbs of lost mail: what was given up for reasons of ours is owed again, once each.

It stays the same message with the same Message-ID. What its reader was told by another message
meanwhile, or what is not to be told any more, stays given up. What a letter tells counts as told
on the day on which it goes after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from voiceline.deliveries import lost
from voiceline.desk import tell_again
from voiceline.letters import appeals_of, letters_of, offers
from voiceline.models import TO_STAFF, Delivery, PrivacyRequest
from voiceline.rules.deadlines import received_on
from voiceline.rules.letters import LetterKind
from voiceline.rules.lifecycle import DeliveryStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.letters import Offer
    from voiceline.models import Letter

_REFUSED = "the mail server refused every recipient with "
_OF_MAILBOX = tuple(f"{_REFUSED}{code}" for code in (550, 551, 552, 553, 556))


def lost_mail(session: Session, *, since: datetime, addresses: bool = False) -> Sequence[UUID]:
    """Answer what was given up since for reasons of ours, the newest first.

    So of two that say the same the newer is owed, and the older is overtaken by it.

    With `addresses`, also what the server refused because of its address.
    """
    query = select(Delivery.id).where(*lost(since=since), not_(_was_taken()))
    if not addresses:
        query = query.where(not_(_was_of_mailbox()))
    return session.scalars(query.order_by(Delivery.finished_at.desc(), Delivery.id)).all()


def owe_again(session: Session, delivery_id: UUID, *, at: datetime) -> bool | None:
    """Owe a lost message again: False where it was overtaken, None where it is lost no more.

    One a transaction: it locks the message, its request and, last, the trail of its business.
    """
    delivery = session.scalar(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.status == DeliveryStatus.FAILED)
        .with_for_update(of=Delivery)
        .execution_options(populate_existing=True)
    )
    if delivery is None:
        return None
    with session.begin_nested() as step:
        delivery.try_again(at)
        session.flush()
        wanted = _is_wanted(session, delivery, at)
        if not wanted:
            step.rollback()
    if wanted and delivery.letter is not None:
        tell_again(session, delivery.letter, at)
    return wanted


def _was_taken() -> ColumnElement[bool]:
    return Delivery.last_error.startswith("the mail server took the message")


def _was_of_mailbox() -> ColumnElement[bool]:
    """Tell, of one that is lost, whether the server said it of the mailbox.

    Without an enhanced code the digits tell; they were for good, too, when they were about us.
    """
    enhanced = Delivery.last_error.like(f"{_REFUSED}5__ 5.%")
    ours = Delivery.last_error.contains("because of us")
    return or_(Delivery.last_error.in_(_OF_MAILBOX), and_(enhanced, not_(ours)))


def _is_wanted(session: Session, delivery: Delivery, at: datetime) -> bool:
    """Tell whether the consumer is still to have it; of mail to colleagues its writer decides."""
    if delivery.kind in TO_STAFF:
        return True
    if delivery.request_id is None:
        return False
    request = session.get_one(
        PrivacyRequest,
        delivery.request_id,
        with_for_update={"of": PrivacyRequest, "key_share": True},
    )
    if request.requester is None or request.requester.email != delivery.address:
        return False
    if delivery.letter is None:
        return not _has_newer(session, delivery)
    found = offers(request, letters_of(session, request), appeals_of(session, request))
    return any(_is_for(offer, delivery.letter, at) for offer in found)


def _is_for(offer: Offer, letter: Letter, at: datetime) -> bool:
    """Tell whether the letter is the one that the request calls for, and still in time to be it.

    A confirmation of receipt is while there is none. A notice of extension is none after the first
    date: who wants it to go all the same sends it by hand.
    """
    if letter.kind == offer.kind == LetterKind.ACKNOWLEDGEMENT and offer.sent is None:
        return True
    if letter.kind == LetterKind.EXTENSION and offer.right is not None:
        first = offer.appeal.decide_by if offer.appeal else offer.right.respond_by
        if received_on(at, offer.right.request.business.time_zone) > first:
            return False
    return offer.sent is letter


def _has_newer(session: Session, delivery: Delivery) -> bool:
    newer = aliased(Delivery)
    same = (newer.request_id == delivery.request_id, newer.kind == delivery.kind)
    later = (newer.created_at > delivery.created_at, newer.status != DeliveryStatus.FAILED)
    return bool(session.scalar(select(exists().where(*same, *later))))
