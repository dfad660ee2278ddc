"""The verbs that take away what a judged canary call left: rows here, objects and recordings there.

First nobody may work on it any more, then what others keep is deleted, and its rows go last: who
dies in between leaves rows that say what is still to be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from voiceline.intake import find_call
from voiceline.models import (
    Call,
    CanaryCall,
    Delivery,
    DerivedAudio,
    PrivacyRequest,
    RaisedDeadline,
    RequestedRight,
    RequestEvent,
    RequestRead,
    RequestRecord,
    RequestTally,
    SearchDocument,
    Transcript,
    Voicemail,
)
from voiceline.voicemails import all_keys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

OF_REQUEST = (
    *(SearchDocument, RequestRecord, RequestRead, RaisedDeadline, Delivery),
    *(RequestEvent, RequestedRight),
)


@dataclass(frozen=True)
class Traces:
    """What is kept elsewhere."""

    keys: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    """The carrier's ids."""


def left_behind(session: Session) -> Sequence[UUID]:
    """Answer judged calls of which something may be left."""
    owing = (CanaryCall.outcome.is_not(None), CanaryCall.erased_at.is_(None))
    return session.scalars(select(CanaryCall.id).where(*owing).order_by(CanaryCall.placed_at)).all()


def hold_traces(session: Session, canary_id: UUID, *, at: datetime) -> Traces | None:
    """Let nobody begin to work on what the call left; None while somebody still does."""
    call = _call_of(session, canary_id)
    if call is None:
        return Traces()
    messages = session.scalars(
        select(Voicemail).where(Voicemail.call_id == call.id).with_for_update()
    ).all()
    for table, rows in _owing(session, messages):
        if any(each.claim and each.due_at and each.due_at > at for each in rows):
            return None
        ids = [each.id for each in rows]
        session.execute(update(table).where(table.id.in_(ids)).values(due_at=None, claim=None))
    keys = tuple(key for each in messages for key in all_keys(each))
    return Traces(keys, tuple(each.carrier_id for each in messages))


def forget_traces(session: Session, canary_id: UUID, *, at: datetime) -> None:
    """Delete every row the call left; the proof stays, with nothing of what was said."""
    row = session.scalar(
        select(CanaryCall)
        .where(CanaryCall.id == canary_id, CanaryCall.erased_at.is_(None))
        .with_for_update()
    )
    if row is None:
        return
    row.erased_at = at
    call = _call_of(session, canary_id)
    if call is None or not call.business.is_canary:
        return
    _forget_request(session, call)
    messages = select(Voicemail.id).where(Voicemail.call_id == call.id)
    for table in (Transcript, DerivedAudio):
        session.execute(delete(table).where(table.voicemail_id.in_(messages)))
    session.execute(delete(Voicemail).where(Voicemail.call_id == call.id))
    session.execute(delete(PrivacyRequest).where(PrivacyRequest.call_id == call.id))
    session.execute(delete(Call).where(Call.id == call.id))


def _forget_request(session: Session, call: Call) -> None:
    request_id = session.scalar(select(PrivacyRequest.id).where(PrivacyRequest.call_id == call.id))
    tallies = RequestTally.business_id == call.business_id
    session.execute(delete(RequestTally).where(tallies))
    if request_id is None:
        return
    mine = update(PrivacyRequest).where(PrivacyRequest.id == request_id)
    session.execute(mine.values(last_change_id=None))
    for table in OF_REQUEST:
        session.execute(delete(table).where(table.request_id == request_id))


def _owing(session: Session, messages: Sequence[Voicemail]) -> list[tuple[Any, Sequence[Any]]]:
    ids = [each.id for each in messages]
    found: list[tuple[Any, Sequence[Any]]] = [(Voicemail, messages)]
    for table in (Transcript, DerivedAudio):
        of_them: Any = select(table).where(table.voicemail_id.in_(ids))
        found.append((table, session.scalars(of_them.with_for_update()).all()))
    return found


def _call_of(session: Session, canary_id: UUID) -> Call | None:
    row = session.get_one(CanaryCall, canary_id)
    return find_call(session, row.call_carrier_id) if row.call_carrier_id else None
