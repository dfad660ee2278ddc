"""The verbs of filing: a call that left a message becomes one privacy request, with its clocks.

Each is safe to run again; the caller of a verb commits.
"""

from __future__ import annotations

from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from voiceline.models import (
    Call,
    Channel,
    Delivery,
    DeliveryKind,
    EventKind,
    PrivacyRequest,
    RequestedRight,
)
from voiceline.outbox import OFFER_AFTER
from voiceline.rules import deadlines
from voiceline.rules.lifecycle import DeliveryStatus, RequestStatus, RightStatus
from voiceline.rules.references import new_reference
from voiceline.rules.rights import RightSource

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_chance = SystemRandom()


def allot_reference(session: Session, call: Call) -> str:
    """Give the call the reference its request will have; a collision draws again.

    The view that tells it and the job that files it may both be first: they take turns.
    """
    if call.reference is None:
        _lock(session, call)
    while call.reference is None:
        try:
            with session.begin_nested():
                call.reference = new_reference(_chance)
        except IntegrityError:
            call.reference = None
    return call.reference


def hear_receipt(session: Session, call: Call, *, prompts_version: str, at: datetime) -> None:
    """Write down that the caller heard the oral acknowledgement to its end (11 CCR 7021(a))."""
    _lock(session, call)
    if call.receipt_heard_at is None:
        call.receipt_heard_at, call.prompts_version = at, prompts_version
        if request := request_of(session, call):
            _acknowledge_orally(request, call)


def file_request(session: Session, call: Call, *, received_at: datetime, at: datetime) -> UUID:
    """File the call's privacy request, once, with the clocks running from when the caller spoke.

    A consumer's message is received when it was recorded, not when we learn of it, transcribe it
    or look at it: the line is the business's service provider (law.md 1.3).
    """
    _lock(session, call)
    if known := request_of(session, call):
        return known.id
    business = call.business
    received = deadlines.received_on(received_at, business.time_zone)
    dates = deadlines.deadlines_for(call.right, received)
    request = PrivacyRequest(
        id=uuid4(),
        business_id=business.id,
        service_code_id=call.service_code_id,
        call_id=call.id,
        reference=allot_reference(session, call),
        channel=Channel.PHONE,
        status=RequestStatus.RECEIVED,
        language=call.language,
        received_at=received_at,
        received_on=received,
        filed_at=at,
        acknowledge_by=dates.acknowledge_by,
        respond_by=dates.respond_by,
    )
    session.add(request)
    asked = RequestedRight(
        business_id=business.id,
        right=call.right,
        source=RightSource.KEYED if call.right else None,
        status=RightStatus.OPEN,
    )
    asked.date_by(dates)
    request.rights.append(asked)
    request.note_event(EventKind.FILED, at=at)
    if call.receipt_heard_at:
        _acknowledge_orally(request, call)
    session.flush()
    if business.notify_address:
        _owe_notice(session, request, business.notify_address, at)
    return request.id


def request_of(session: Session, call: Call) -> PrivacyRequest | None:
    """Answer the request this call became, if it has."""
    return session.scalar(select(PrivacyRequest).where(PrivacyRequest.call_id == call.id))


def find_by_reference(session: Session, reference: str) -> PrivacyRequest | None:
    """Answer the request with the reference, whosever it is: a consumer asks for its status."""
    return session.scalar(select(PrivacyRequest).where(PrivacyRequest.reference == reference))


def _lock(session: Session, call: Call) -> None:
    """Read the call anew and hold it; what is not written down by then would be forgotten."""
    session.flush()
    session.refresh(call, with_for_update=True)


def _acknowledge_orally(request: PrivacyRequest, call: Call) -> None:
    heard_at = call.receipt_heard_at
    if request.status == RequestStatus.RECEIVED and heard_at is not None:
        request.acknowledge(how=f"oral/{call.prompts_version}", at=heard_at)


def _owe_notice(session: Session, request: PrivacyRequest, address: str, at: datetime) -> None:
    session.execute(
        insert(Delivery).values(
            id=uuid4(),
            business_id=request.business_id,
            request_id=request.id,
            kind=DeliveryKind.REQUEST_FILED,
            status=DeliveryStatus.PENDING,
            attempts=0,
            address=address,
            created_at=at,
            due_at=at + OFFER_AFTER,
        )
    )
