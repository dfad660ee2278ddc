"""The job of the canary: judges the calls under way, takes away what they left, places the next.

Each call is written down before the carrier is asked for it, and judged from the rows it leaves.
So a process may die anywhere: what it began is judged by the next run, and a call that nobody
confirmed is one that was not placed.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now
from jobs.deleting import delete_seen
from jobs.excused import excused
from jobs.process import services
from voiceline import canary, canary_alarm, canary_proof, canary_traces
from voiceline.canary_proof import Seen
from voiceline.errors import (
    DamagedObjectError,
    MissingObjectError,
    PermanentFailure,
    TemporaryFailure,
)
from voiceline.models import CanaryCall
from voiceline.rules.canary import TIME_LIMIT, CanaryOutcome, CanaryStep, write_script

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services

log = structlog.get_logger()


@excused("canary")
def watch_line() -> None:
    """Do all three; with no number to call from, only what is left of earlier calls."""
    built = services()
    with built.sessions.begin() as session:
        waiting = canary.under_way(session)
    for canary_id in waiting:
        advance(built, canary_id)
    with built.sessions.begin() as session:
        left = canary_traces.left_behind(session)
    for canary_id in left:
        take_away(built, canary_id)
    if built.settings.canary_from and _is_due(built):
        place(built)


def place(built: Services) -> UUID | None:
    """Place the next call; answer its id, or None where another is under way."""
    settings = built.settings
    with built.sessions.begin() as session:
        row = canary.begin(
            session,
            numbers=settings.twilio_numbers,
            from_number=settings.canary_from,
            at=now(),
        )
        if row is None:
            return None
    try:
        carrier_id = built.calls.place(
            to=row.number,
            from_number=row.from_number,
            twiml=_script(built, row),
            time_limit=TIME_LIMIT,
        )
    except PermanentFailure as failure:
        _fail_to_place(built, row.id, str(failure))
        return row.id
    except TemporaryFailure as failure:
        # It may have been placed all the same: what comes of it will tell.
        log.warning("canary.not_confirmed", error=failure)
        return row.id
    with built.sessions.begin() as session:
        session.get_one(CanaryCall, row.id).carrier_id = carrier_id
    return row.id


def advance(built: Services, canary_id: UUID) -> CanaryOutcome | None:
    """Look how far the call is; answer its outcome once it has one, and tell of it."""
    seen = _see(built, canary_id)
    with built.sessions.begin() as session:
        judged = canary_proof.judge(session, canary_id, seen, at=now())
        if judged is not None:
            session.flush()
            canary_alarm.tell(session, judged, at=now())
            _log(judged)
        return session.get_one(CanaryCall, canary_id).outcome


def take_away(built: Services, canary_id: UUID) -> bool:
    """Take away what the call left; tell whether nothing is left."""
    with built.sessions.begin() as session:
        traces = canary_traces.hold_traces(session, canary_id, at=now())
    if traces is None:
        return False
    try:
        gone = [delete_seen(built.store, key) for key in traces.keys]
        for recording in traces.recordings:
            built.recordings.delete(recording)
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("canary.not_taken_away", error=failure)
        return False
    if not all(gone):
        log.error("canary.still_there")
        return False
    with built.sessions.begin() as session:
        canary_traces.forget_traces(session, canary_id, at=now())
    return True


def _is_due(built: Services) -> bool:
    period = timedelta(minutes=built.settings.canary_minutes)
    with built.sessions.begin() as session:
        return canary.is_due(session, period=period, at=now())


def _script(built: Services, row: CanaryCall) -> str:
    sentence = f"{built.settings.telephone_url}/media/canary/{row.language}.wav"
    return write_script(row.code, row.language, sentence)


def _fail_to_place(built: Services, canary_id: UUID, reason: str) -> None:
    with built.sessions.begin() as session:
        row = session.get_one(CanaryCall, canary_id, with_for_update=True)
        row.judge(CanaryOutcome.FAILED, now(), step=CanaryStep.PLACED, reason=reason)
        session.flush()
        canary_alarm.tell(session, row, at=now())
        _log(row)


def _see(built: Services, canary_id: UUID) -> Seen:
    """Ask the carrier of our end of the call, and the store for the audio; either may be away."""
    with built.sessions.begin() as session:
        row = session.get_one(CanaryCall, canary_id)
        voicemail = canary_proof.audio_of(session, row)
        carrier_id, key = row.carrier_id, voicemail.object_key if voicemail else None
    seen = Seen(sha256=_digest(built, key) if key else None)
    if carrier_id is None:
        return seen
    try:
        leg = built.calls.look(carrier_id)
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("canary.not_looked_at", error=failure)
        return seen
    return Seen(leg.status, leg.answered_at, leg.ended_at, seen.sha256)


def _digest(built: Services, key: str) -> str | None:
    try:
        return hashlib.sha256(built.store.get(key)).hexdigest()
    except DamagedObjectError:
        return ""  # that of no bytes at all: what lies there is not what was sealed
    except (MissingObjectError, TemporaryFailure, PermanentFailure) as failure:
        log.warning("canary.audio_not_read", error=failure)
        return None


def _log(judged: CanaryCall) -> None:
    step = judged.failed_step.value if judged.failed_step else None
    log.info("canary.judged", outcome=judged.outcome, step=step)
