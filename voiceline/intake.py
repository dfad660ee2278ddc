"""The verbs of a call: from a keyed code to a filed privacy request.

Each is safe to run again: the carrier delivers events late, twice and out of order, and jobs run
at least once. The caller of a verb commits.
"""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from voiceline.database import insert_once
from voiceline.models import (
    Call,
    Channel,
    Delivery,
    DeliveryKind,
    EventKind,
    PrivacyRequest,
    RequestedRight,
    ServiceCode,
    Voicemail,
)
from voiceline.rules import deadlines
from voiceline.rules.caller_ids import read_caller_id
from voiceline.rules.lifecycle import RequestStatus, VoicemailStatus
from voiceline.rules.references import new_reference
from voiceline.rules.rights import Right, RightSource
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

OFFER_AFTER = timedelta(seconds=15)
"""New work is offered to the queue at once; after this long the sweeper offers it again."""

SHORTEST_REPLACEMENT = 3
"""Seconds: a shorter second take is kept beside the first, for it may be a slip of the finger."""

REPLACEABLE = (VoicemailStatus.PENDING, VoicemailStatus.STORED, VoicemailStatus.FAILED)

_chance = SystemRandom()


def find_code(session: Session, code: str, at: datetime) -> ServiceCode | None:
    """Answer the code if somebody answers for it; all reasons why not look alike."""
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.code == code)
        .options(joinedload(ServiceCode.business))
    )
    return found if found is not None and found.answers(at) else None


def find_dedicated(session: Session, number: str, at: datetime) -> ServiceCode | None:
    """Answer the code whose callers need not key it, because the number is theirs alone."""
    found = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.dedicated_number == number)
        .options(joinedload(ServiceCode.business))
    )
    return found if found is not None and found.answers(at) else None


def operator_code(session: Session) -> ServiceCode:
    """Answer the operator's own code; without it nothing could be left unassigned."""
    return session.execute(
        select(ServiceCode)
        .where(ServiceCode.code == OPERATOR_CODE)
        .options(joinedload(ServiceCode.business))
    ).scalar_one()


def find_call(session: Session, carrier_id: str) -> Call | None:
    """Answer the call with the carrier's id."""
    return session.scalar(select(Call).where(Call.carrier_id == carrier_id))


def begin_call(
    session: Session,
    *,
    carrier_id: str,
    service_code: ServiceCode | None,
    at: datetime,
    language: str = "en",
    from_number: str | None = None,
    to_number: str | None = None,
    attestation: str | None = None,
    prompts_version: str | None = None,
) -> Call:
    """Write the call down, once; no service code means the operator's unassigned queue.

    A caller who goes back and keys another code moves the call, until something was recorded.
    """
    target = service_code or operator_code(session)
    caller = read_caller_id(from_number)
    session.execute(
        insert_once(session, Call).values(
            id=uuid4(),
            carrier_id=carrier_id,
            business_id=target.business_id,
            service_code_id=target.id,
            unassigned=service_code is None,
            to_number=(to_number or "")[:64] or None,
            caller_id=caller.number,
            caller_unknown_because=caller.unknown_because,
            attestation=(attestation or "")[:64] or None,
            language=language,
            prompts_version=prompts_version,
            started_at=at,
        )
    )
    call = session.execute(
        select(Call).where(Call.carrier_id == carrier_id).with_for_update()
    ).scalar_one()
    moved = call.service_code_id != target.id and call.reference is None
    if moved and not _has_voicemail(session, call):
        call.business_id, call.service_code_id = target.business_id, target.id
        call.unassigned, call.right = service_code is None, None
    call.language = language
    return call


def key_right(session: Session, carrier_id: str, right: Right) -> None:
    """Write down the right the caller keyed: a fact, and the last one counts."""
    session.execute(update(Call).where(Call.carrier_id == carrier_id).values(right=right))


def receive_voicemail(
    session: Session,
    *,
    call_carrier_id: str,
    carrier_id: str,
    recorded_at: datetime,
    at: datetime,
    take: int | None = None,
    claimed_seconds: int | None = None,
) -> UUID | None:
    """Write down that the carrier has a recording; answer its id if this was the first to say so.

    One statement reads the call and inserts, because the carrier may tell us twenty times at
    once. None means that we knew, or that we do not know the call.
    """
    voicemail_id = uuid4()
    row = select(
        literal(voicemail_id, Voicemail.id.type),
        Call.business_id,
        Call.id,
        literal(carrier_id),
        literal(take, Voicemail.take.type),
        literal(VoicemailStatus.PENDING, Voicemail.status.type),
        literal(claimed_seconds, Voicemail.claimed_seconds.type),
        literal(recorded_at, Voicemail.recorded_at.type),
        literal(at, Voicemail.received_at.type),
        literal(at + OFFER_AFTER, Voicemail.due_at.type),
        literal(0),
    ).where(Call.carrier_id == call_carrier_id)
    inserted = session.scalar(
        insert_once(session, Voicemail).from_select(_RECEIVED_COLUMNS, row).returning(Voicemail.id)
    )
    if inserted is not None and take is not None:
        _settle_takes(session, inserted, at)
    return inserted


_RECEIVED_COLUMNS = [
    "id",
    "business_id",
    "call_id",
    "carrier_id",
    "take",
    "status",
    "claimed_seconds",
    "recorded_at",
    "received_at",
    "due_at",
    "attempts",
]


def find_voicemail(session: Session, carrier_id: str) -> Voicemail | None:
    """Answer the voicemail with the carrier's recording id."""
    return session.scalar(select(Voicemail).where(Voicemail.carrier_id == carrier_id))


def allot_reference(session: Session, call: Call) -> str:
    """Give the call the reference its request will have; a collision draws again."""
    while call.reference is None:
        try:
            with session.begin_nested():
                call.reference = new_reference(_chance)
        except IntegrityError:
            call.reference = None
    return call.reference


def hear_receipt(session: Session, call: Call, *, prompts_version: str, at: datetime) -> None:
    """Write down that the caller heard the oral acknowledgement to its end (11 CCR 7021(a))."""
    session.refresh(call, with_for_update=True)
    if call.receipt_heard_at is None:
        call.receipt_heard_at, call.prompts_version = at, prompts_version
        if request := request_of(session, call):
            _acknowledge_orally(request, call)


def file_request(session: Session, call: Call, *, received_at: datetime, at: datetime) -> UUID:
    """File the call's privacy request, once, with the clocks running from when the caller spoke.

    A consumer's message is received when it was recorded, not when we learn of it, transcribe it
    or look at it: the line is the business's service provider (law.md 1.3).
    """
    session.refresh(call, with_for_update=True)
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
    request.rights.append(
        RequestedRight(
            business_id=business.id,
            right=call.right,
            source=RightSource.KEYED if call.right else None,
            acknowledge_by=dates.acknowledge_by,
            respond_by=dates.respond_by,
            rule=dates.rule,
        )
    )
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


def _acknowledge_orally(request: PrivacyRequest, call: Call) -> None:
    heard_at = call.receipt_heard_at
    if request.status == RequestStatus.RECEIVED and heard_at is not None:
        request.acknowledge(how=f"oral/{call.prompts_version}", at=heard_at)


def _has_voicemail(session: Session, call: Call) -> bool:
    found = session.scalar(select(Voicemail.id).where(Voicemail.call_id == call.id).limit(1))
    return found is not None


def _settle_takes(session: Session, voicemail_id: UUID, at: datetime) -> None:
    """Let the latest take stand, in whatever order the carrier told us of them.

    The earlier ones are not erased before the latest is stored (voicemails.may_erase).
    """
    call_id = session.execute(
        select(Voicemail.call_id).where(Voicemail.id == voicemail_id)
    ).scalar_one()
    takes = session.scalars(
        select(Voicemail)
        .where(Voicemail.call_id == call_id, Voicemail.take.is_not(None))
        .order_by(Voicemail.take.desc())
        .with_for_update()
    ).all()
    latest_seconds = takes[0].claimed_seconds
    if latest_seconds is not None and latest_seconds < SHORTEST_REPLACEMENT:
        return
    for earlier in takes[1:]:
        if earlier.status in REPLACEABLE:
            earlier.replace(at)


def _owe_notice(session: Session, request: PrivacyRequest, address: str, at: datetime) -> None:
    session.execute(
        insert(Delivery).values(
            id=uuid4(),
            business_id=request.business_id,
            request_id=request.id,
            kind=DeliveryKind.REQUEST_FILED,
            address=address,
            created_at=at,
            due_at=at + OFFER_AFTER,
        )
    )
