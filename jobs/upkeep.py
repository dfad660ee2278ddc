"""The jobs that make up for whatever was lost, and let go of what has expired.

All of them look at rows, not at what the queue remembers, and all may run twice at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from jobs.claimed import now
from jobs.process import offer, redis, services
from jobs.queue import JOBS, open_queue
from voiceline import carrier_events, outbox, spool, voicemails
from voiceline.carrier_events import RecordingNotice
from voiceline.errors import MissingObjectError, PermanentFailure, TemporaryFailure
from voiceline.models import Delivery, Transcript, Voicemail
from voiceline.rules import retention
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services
    from voiceline.ports import CarrierRecording

log = structlog.get_logger()

OWED: tuple[tuple[type[Voicemail | Transcript | Delivery], str], ...] = (
    (Voicemail, "collect"),
    (Transcript, "transcribe"),
    (Delivery, "notify"),
)
"""Each table whose rows owe work, with the job that does it."""

ROOM = 1000
"""Jobs a queue may hold before the sweeper leaves it alone: a backlog is not a stall."""

BATCH = 200


def requeue_stalled() -> None:
    """Offer again every row whose work is due, whatever became of the offers before."""
    built = services()
    for table, job in OWED:
        room = ROOM - open_queue(JOBS[job][0], redis()).count
        if room <= 0:
            continue
        with built.sessions.begin() as session:
            ids = outbox.offer_due(session, table, at=now(), limit=room)
        if ids:
            offer(job, ids)
            log.info("rows.offered_again", job=job, count=len(ids))


def reconcile() -> None:
    """Adopt the recordings the carrier has and we were never told of (twilio.md case 89)."""
    built = services()
    since = now() - timedelta(hours=built.settings.reconcile_hours)
    waiting: list[CarrierRecording] = []
    for recording in built.recordings.list_since(since):
        waiting.append(recording)
        if len(waiting) == BATCH:
            _adopt_unknown(built, waiting)
            waiting = []
    _adopt_unknown(built, waiting)


def expire() -> None:
    """Delete what is older than its tier's period: delete, see that it is gone, then mark."""
    built = services()
    with built.sessions.begin() as session:
        expired = voicemails.find_expired(session, at=now(), limit=BATCH)
    done = sum(_expire_one(built, voicemail_id) for voicemail_id in expired)
    if expired:
        log.info("voicemails.expired", count=done, lost=len(expired) - done)


def retag() -> None:
    """Write the tags that stored objects owe since their business changed its tier."""
    built = services()
    with built.sessions.begin() as session:
        owing = voicemails.find_untagged(session, limit=BATCH)
    for voicemail in owing:
        tags = retention.store_tags(voicemail.business.tier)
        try:
            built.store.retag(voicemail.object_key or "", tags)
        except (TemporaryFailure, PermanentFailure) as failure:
            log.warning("voicemail.not_retagged", voicemail=voicemail.id, error=failure)
            continue
        with built.sessions.begin() as session:
            session.get_one(Voicemail, voicemail.id).tier_tag = tags["tier"]


def replay_spool() -> None:
    """Feed in what the carrier told us while the database was away, oldest first."""
    built = services()
    for path, values in spool.events(built.settings.spool_dir):
        try:
            notice = RecordingNotice.from_json(values)
            with built.sessions.begin() as session:
                owed = carrier_events.accept(session, notice, at=now())
        except (TypeError, KeyError, ValueError, DBAPIError) as error:
            log.error("spool.unreadable", error=error)
            continue
        spool.remove(path)
        log.info("spool.replayed", recording=notice.recording_id)
        if owed is not None:
            offer("collect", [owed])


def _adopt_unknown(built: Services, recordings: list[CarrierRecording]) -> None:
    ids = [recording.recording_id for recording in recordings]
    with built.sessions.begin() as session:
        known = set(
            session.scalars(select(Voicemail.carrier_id).where(Voicemail.carrier_id.in_(ids)))
        )
    for recording in recordings:
        if recording.recording_id not in known:
            _adopt(built, recording)


def _adopt(built: Services, recording: CarrierRecording) -> None:
    ended = recording.recorded_at + timedelta(seconds=recording.duration)
    notice = RecordingNotice(
        call_id=recording.call_id,
        recording_id=recording.recording_id,
        status="completed",
        recorded_at=ended,
        seconds=recording.duration,
    )
    if call := built.recordings.call(recording.call_id):
        notice = replace(notice, from_number=call.from_number, to_number=call.to_number)
    with built.sessions.begin() as session:
        owed = carrier_events.accept(session, notice, at=now())
    if owed is not None:
        log.warning("recording.adopted", recording=recording.recording_id)
        offer("collect", [owed])


def _expire_one(built: Services, voicemail_id: UUID) -> bool:
    with built.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, voicemail_id)
        key = voicemail.object_key or ""
        due = voicemail.status == VoicemailStatus.STORED and retention.has_expired(
            voicemail.expires_at or now(), now()
        )
    if not due:
        return False
    try:
        built.store.delete(key)
        built.store.size(key)
    except MissingObjectError:
        pass
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("voicemail.not_expired", voicemail=voicemail_id, error=failure)
        return False
    else:
        log.error("voicemail.still_there", voicemail=voicemail_id)
        return False
    with built.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, voicemail_id, with_for_update=True)
        if voicemail.status == VoicemailStatus.STORED:
            voicemail.expire(now())
    return True
