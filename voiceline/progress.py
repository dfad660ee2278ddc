"""How a request stands, for whoever has its reference: what became of it and when, nothing else.

Telephone and web tell the same. A foreign reference, a missing one and a mistyped one cost the
same two look-ups, so that neither words nor time tell them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from voiceline.models import Call, PrivacyRequest
from voiceline.rules.deadlines import deadlines_for, received_on
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.outcomes import CLOSED
from voiceline.rules.references import is_reference

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Progress:
    """What may be told."""

    status: RequestStatus
    on: date
    """The day it was received; of what has ended, the day it did."""
    answer_by: date | None
    """None where nothing is owed any more."""


def progress_of(session: Session, reference: str) -> Progress | None:
    """Answer how the request with the reference stands; None where nobody was given it."""
    known = reference if is_reference(reference) else ""
    request = session.scalar(
        select(PrivacyRequest)
        .where(PrivacyRequest.reference == known)
        .options(joinedload(PrivacyRequest.business))
    )
    call = session.scalar(
        select(Call).where(Call.reference == known).options(joinedload(Call.business))
    )
    if request is not None:
        return _of_request(request)
    return _of_call(call) if call is not None else None


def _of_request(request: PrivacyRequest) -> Progress:
    if request.status not in CLOSED:
        return Progress(request.status, request.received_on, request.respond_by)
    ended_at = request.finished_at or request.filed_at
    return Progress(request.status, received_on(ended_at, request.business.time_zone), None)


def _of_call(call: Call) -> Progress:
    """Answer for a message that is still on its way to us: its reference was given already."""
    day = received_on(call.started_at, call.business.time_zone)
    return Progress(RequestStatus.RECEIVED, day, deadlines_for(call.right, day).respond_by)
