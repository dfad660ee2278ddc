"""Taking on again a voicemail that lies in the store and is in no row: after a restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import select

from jobs.claimed import now
from voiceline import carrier_events, intake
from voiceline.carrier_events import RecordingNotice
from voiceline.errors import MissingObjectError
from voiceline.models import ServiceCode
from voiceline.strays import VOICEMAILS, recording_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services

log = structlog.get_logger()


def claim(built: Services, key: str) -> UUID | None:
    """Write a row for the audio, of which the carrier remembers who called; answer what is owed.

    What cannot be opened is nobody's: it was erased, or has expired, and its key is destroyed. So
    an older database brings none of it back to life.
    """
    if not key.startswith(VOICEMAILS) or not key.endswith(".wav"):
        return None
    try:
        built.store.size(key)
    except MissingObjectError:
        return None
    recording_id = recording_of(key)
    with built.sessions() as session:
        if intake.find_voicemail(session, recording_id) is not None:
            return None  # bytes of another origin, beside the voicemail's own
    found = built.recordings.find(recording_id)
    if found is None:
        return None
    notice = RecordingNotice(
        call_id=found.call_id,
        recording_id=recording_id,
        status="completed",
        recorded_at=found.recorded_at + timedelta(seconds=found.duration),
        seconds=found.duration,
    )
    if call := built.recordings.call(found.call_id):
        notice = replace(notice, from_number=call.from_number, to_number=call.to_number)
    with built.sessions.begin() as session:
        code = _code_of(session, key)
        owed = carrier_events.accept(session, replace(notice, code=code), at=now())
        row = intake.find_voicemail(session, recording_id)
        if row is not None and row.object_key is None:
            row.object_key = key
    if owed is not None:
        log.warning("voicemail.claimed", recording=recording_id)
    return owed


def _code_of(session: Session, key: str) -> str | None:
    """Answer the first code of the business that the key names, which the call had reached."""
    try:
        business_id = UUID(key.split("/")[1])
    except ValueError:
        return None
    query = select(ServiceCode.code).where(ServiceCode.business_id == business_id)
    return session.scalar(query.order_by(ServiceCode.code).limit(1))
