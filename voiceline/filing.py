"""The verbs of filing: what a consumer asks, by voice or in writing, becomes one privacy request.

Filing a call is safe to run again; the caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from voiceline import audit
from voiceline.line_proofs import acknowledged, filed, receipt_moved
from voiceline.models import (
    Call,
    Channel,
    EventKind,
    PrivacyRequest,
    RequestedRight,
)
from voiceline.notices import owe_notice
from voiceline.policies import in_force
from voiceline.records import begin_record, follow
from voiceline.rules import deadlines
from voiceline.rules.jurisdictions import UNKNOWN, jurisdiction_of
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.references import new_reference
from voiceline.rules.rights import RightSource
from voiceline.search_documents import begin_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Requester, RequestEvent, ResidenceSource, ServiceCode
    from voiceline.rules.due_dates import Deadlines
    from voiceline.rules.rights import Right
    from voiceline.rules.standings import Standing

_chance = SystemRandom()


@dataclass(frozen=True)
class Asking:
    """What somebody asks in writing, or a colleague enters for them."""

    channel: Channel
    language: str
    received_at: datetime
    """When it reached the business; a letter that was entered late has an earlier day."""
    rights: tuple[Right, ...]
    """Empty where it does not say: a colleague names one later."""
    source: RightSource
    requester: Requester
    """Not yet in a session."""
    residence: str | None = None
    residence_source: ResidenceSource | None = None
    standing: Standing | None = None
    id: UUID | None = None
    """The request's, where whoever asks to file it must not file it twice."""


def allot_reference(session: Session, call: Call) -> str:
    """Give the call the reference its request will have; a collision draws again.

    The view that tells it and the job that files it may both be first: they take turns.
    """
    if call.reference is None:
        hold_call(session, call)
    while call.reference is None:
        try:
            with session.begin_nested():
                call.reference = _free_reference(session)
        except IntegrityError:
            call.reference = None
    return call.reference


def hear_receipt(session: Session, call: Call, *, prompts_version: str, at: datetime) -> None:
    """Write down that the caller heard the oral acknowledgement to its end (11 CCR 7021(a))."""
    hold_call(session, call)
    if call.receipt_heard_at is None:
        call.receipt_heard_at, call.prompts_version = at, prompts_version
        request = request_of(session, call)
        if request is not None and (heard := _acknowledge_orally(request, call)):
            session.flush()
            follow(session, request, at=at)
            audit.write(session, acknowledged(request, heard, at=at))


def file_request(session: Session, call: Call, *, received_at: datetime, at: datetime) -> UUID:
    """File the call's privacy request, once, with the clocks running from when the caller spoke.

    A consumer's message is received when it was recorded, not when we learn of it, transcribe it
    or look at it: the line is the business's service provider (law.md 1.3). Call it last in the
    transaction: it ends with the business's audit trail.
    """
    hold_call(session, call)
    if known := request_of(session, call):
        if received_at < known.received_at:
            moved = _receive_earlier(known, received_at, at)
            session.flush()
            follow(session, known, at=at)
            if moved is not None:
                audit.write(session, receipt_moved(known, moved, at=at))
        return known.id
    request = _begin(
        session,
        call.service_code,
        channel=Channel.PHONE,
        language=call.language,
        received_at=received_at,
        at=at,
    )
    request.call_id, request.reference = call.id, allot_reference(session, call)
    _ask_for(request, (call.right,), RightSource.KEYED if call.right else None)
    session.add(request)
    heard = _acknowledge_orally(request, call)
    session.flush()
    begin_document(session, request, call.caller_id)
    owe_notice(session, request, at)
    begin_record(session, request, at=at)
    deeds = [acknowledged(request, heard, at=at)] if heard else []
    audit.write(session, filed(request, at=at), *deeds)
    return request.id


def file_written(
    session: Session, code: ServiceCode, asking: Asking, *, at: datetime
) -> PrivacyRequest:
    """File a request that came in writing; the clocks run from the day it reached the business.

    Whoever calls it writes into the audit trail who filed it, last in the transaction.
    Raises JurisdictionError for a residence that is no place of the table, DateError for a day of
    receipt that no law's clock can run from.
    """
    request = _begin(
        session,
        code,
        channel=asking.channel,
        language=asking.language,
        received_at=asking.received_at,
        at=at,
    )
    request.id = asking.id or request.id
    request.residence, request.residence_source = asking.residence, asking.residence_source
    request.jurisdiction = jurisdiction_of(asking.residence, request.received_on)
    request.standing = asking.standing
    _ask_for(request, asking.rights or (None,), asking.source)
    asking.requester.business_id = request.business_id
    request.requester = asking.requester
    _add_under_new_reference(session, request)
    begin_document(session, request, None)
    owe_notice(session, request, at)
    begin_record(session, request, at=at)
    return request


def hold_call(session: Session, call: Call) -> None:
    """Read the call anew and hold it; what is not written down by then would be forgotten."""
    session.flush()
    session.refresh(call, with_for_update=True)


def request_of(session: Session, call: Call) -> PrivacyRequest | None:
    """Answer the request this call became, if it has."""
    return session.scalar(select(PrivacyRequest).where(PrivacyRequest.call_id == call.id))


def find_by_reference(session: Session, reference: str) -> PrivacyRequest | None:
    """Answer the request with the reference, whosever it is: a consumer asks for its status."""
    return session.scalar(select(PrivacyRequest).where(PrivacyRequest.reference == reference))


def count_from(request: PrivacyRequest, received: date, at: datetime) -> None:
    """Let all that is owed count from that day, where nobody was told another date."""
    request.received_on = received
    for asked in request.asked_rights:
        _redate(asked, deadlines.deadlines_for(asked.right, received, request.jurisdiction))
    request.follow_rights(at)


def _acknowledge_orally(request: PrivacyRequest, call: Call) -> RequestEvent | None:
    heard_at = call.receipt_heard_at
    if request.status != RequestStatus.RECEIVED or heard_at is None:
        return None
    return request.acknowledge(how=f"oral/{call.prompts_version}", at=heard_at)


def _begin(
    session: Session,
    code: ServiceCode,
    *,
    channel: Channel,
    language: str,
    received_at: datetime,
    at: datetime,
) -> PrivacyRequest:
    received = deadlines.received_on(received_at, code.business.time_zone)
    request = PrivacyRequest(
        id=uuid4(),
        business_id=code.business_id,
        business=code.business,
        service_code_id=code.id,
        channel=channel,
        status=RequestStatus.RECEIVED,
        language=language,
        jurisdiction=UNKNOWN,
        received_at=received_at,
        received_on=received,
        filed_at=at,
        policy_version=in_force(session, received_at),
    )
    request.note_event(EventKind.FILED, at=at)
    return request


def _receive_earlier(
    request: PrivacyRequest, received_at: datetime, at: datetime
) -> RequestEvent | None:
    """Count from what was said first: the line may have asked twice, and learnt of it late.

    Answers the entry of the history where that is another day.
    """
    request.received_at = received_at
    received = deadlines.received_on(received_at, request.business.time_zone)
    if received == request.received_on:
        return None
    facts = {"was": request.received_on.isoformat(), "received_on": received.isoformat()}
    count_from(request, received, at)
    event = request.note_event(EventKind.RECEIPT_MOVED, at=at)
    event.facts, request.last_change_id = facts, event.id
    return event


def _redate(asked: RequestedRight, dates: Deadlines) -> None:
    """Let the dates run from another day; what was told or decided already stays as it is."""
    if asked.extended_told_on or asked.is_reopened_by_appeal:
        return
    if asked in asked.request.open_rights:
        later = asked.extended_by and dates.extend
        asked.date_by(dates)
        if later:
            asked.keep_due(later)
            asked.extended_by = later.by
    elif asked.tell_by and asked.told_on is None:
        asked.tell_by = min(asked.tell_by, dates.respond_by)


def _ask_for(
    request: PrivacyRequest, rights: Iterable[Right | None], source: RightSource | None
) -> None:
    """Give the request these rights, each with its own dates, and itself the earliest of them."""
    for right in rights:
        dates = deadlines.deadlines_for(right, request.received_on, request.jurisdiction)
        asked = RequestedRight(
            business_id=request.business_id,
            right=right,
            source=source if right else None,
            status=RightStatus.OPEN,
        )
        asked.date_by(dates)
        request.rights.append(asked)
    request.follow_rights(request.filed_at)


def _add_under_new_reference(session: Session, request: PrivacyRequest) -> None:
    """Insert the request under a reference nobody has; a collision draws again."""
    while True:
        request.reference = _free_reference(session)
        try:
            with session.begin_nested():
                session.add(request)
        except IntegrityError:
            if find_by_reference(session, request.reference) is None:
                raise
        else:
            return


def _free_reference(session: Session) -> str:
    """Draw a reference that neither a call was told nor a request has; both columns are unique."""
    while True:
        drawn = new_reference(_chance)
        told = session.scalar(select(Call.id).where(Call.reference == drawn))
        if told is None and find_by_reference(session, drawn) is None:
            return drawn
