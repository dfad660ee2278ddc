"""The jobs that make up for whatever was lost, and for what objects are tagged with.

All of them look at rows, not at what the queue remembers, and all may run twice at once.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from jobs.callers import learn_callers
from jobs.claimed import now
from jobs.excused import excused
from jobs.process import offer, redis, services
from jobs.queue import JOBS, open_queue
from voiceline import carrier_events, outbox, spool, voicemails
from voiceline.carrier_events import RecordingNotice
from voiceline.errors import (
    MissingObjectError,
    PermanentFailure,
    TemporaryFailure,
    VoicelineError,
)
from voiceline.models import (
    ArchiveDestination,
    BulkAction,
    Call,
    Delivery,
    DerivedAudio,
    Erasure,
    ServiceCode,
    Transcript,
    Voicemail,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.ports import CarrierRecording

log = structlog.get_logger()


OWED: tuple[tuple[type[outbox.AnyOwing], str], ...] = (
    (Voicemail, "collect"),
    (Transcript, "transcribe"),
    (Delivery, "notify"),
    (DerivedAudio, "derive"),
    (BulkAction, "act_in_bulk"),
    (ArchiveDestination, "archive"),
    (Erasure, "erase"),
)
"""Each table whose rows owe work, with the job that does it."""

ROOM = 1000
"""Jobs a queue may hold before the sweeper leaves it alone: a backlog is not a stall."""

BATCH = 200

ROUND_SECONDS = 20.0
"""How long one run works on what may wait, so that the sweeper never waits long behind it."""

UNREADABLE = (
    ArithmeticError,
    LookupError,
    TypeError,
    ValueError,
    VoicelineError,
    SQLAlchemyError,
)
"""What an event raises that is not what we write."""

YOUNG = timedelta(minutes=2)
"""A recording's callback takes seconds; who adopted it sooner would not know the caller's take."""


@excused("requeue_stalled")
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


@excused("reconcile")
def reconcile() -> None:
    """Adopt the recordings the carrier has and we were never told of (twilio.md case 89).

    Not the youngest, whose callback may be on its way; and what is in the spool comes first,
    because it knows which code and which right were keyed.
    """
    replay_spool()
    built = services()
    since = now() - timedelta(hours=built.settings.reconcile_hours)
    waiting: list[CarrierRecording] = []
    for recording in built.recordings.list_since(since):
        if _ended_at(recording) < now() - YOUNG:
            waiting.append(recording)
        if len(waiting) == BATCH:
            _adopt_unknown(built, waiting)
            waiting = []
    _adopt_unknown(built, waiting)
    learn_callers(built, since=since)


@excused("retag")
def retag() -> None:
    """Write the tags that stored objects owe since their business changed its tier."""

    def find(session: Session, passed_over: Collection[UUID]) -> Sequence[UUID]:
        return voicemails.find_untagged(session, limit=BATCH, but=passed_over)

    _one_round(services(), find, _retag_one)


@excused("replay_spool")
def replay_spool() -> None:
    """Feed in what the carrier told us while the database was away, oldest first."""
    built = services()
    folder = built.settings.spool_dir
    if deleted := spool.take_up_drafts(folder):
        log.warning("spool.drafts_deleted", count=deleted)
    for path, values in spool.events(folder, _complain_of):
        try:
            notice = RecordingNotice.from_json(values)
            with built.sessions.begin() as session:
                owed = carrier_events.accept(session, notice, at=now())
        except (OperationalError, InterfaceError):
            raise  # the database is away (again): every other event would find the same
        except UNREADABLE as error:
            _complain_of(path, error)
            continue
        spool.remove(path)
        log.info("spool.replayed", recording=notice.recording_id)
        if owed is not None:
            offer("collect", [owed])


def _complain_of(path: Path, error: Exception) -> None:
    log.error("spool.unreadable", file=path.name, error=error)


def _one_round(
    built: Services,
    find: Callable[[Session, Collection[UUID]], Sequence[UUID]],
    act: Callable[[Services, UUID], bool],
) -> tuple[int, int]:
    """Act until nothing is found or the round is over; answer how many were done and left.

    One that fails is passed over, or the oldest few that always fail would bar all others.
    """
    done, until = 0, time.monotonic() + ROUND_SECONDS
    passed_over: set[UUID] = set()
    while time.monotonic() < until:
        with built.sessions.begin() as session:
            found = find(session, passed_over)
        if not found:
            break
        for row_id in found:
            if time.monotonic() > until:
                break
            if act(built, row_id):
                done += 1
            else:
                passed_over.add(row_id)
    return done, len(passed_over)


def _adopt_unknown(built: Services, recordings: list[CarrierRecording]) -> None:
    ids = [recording.recording_id for recording in recordings]
    with built.sessions.begin() as session:
        known = set(
            session.scalars(select(Voicemail.carrier_id).where(Voicemail.carrier_id.in_(ids)))
        )
    for recording in recordings:
        if recording.recording_id in known:
            continue
        try:
            _adopt(built, recording)
        except PermanentFailure as failure:
            log.error("recording.not_adopted", recording=recording.recording_id, error=failure)


def _adopt(built: Services, recording: CarrierRecording) -> None:
    notice = RecordingNotice(
        call_id=recording.call_id,
        recording_id=recording.recording_id,
        status="completed",
        recorded_at=_ended_at(recording),
        seconds=recording.duration,
    )
    if call := built.recordings.call(recording.call_id):
        notice = replace(notice, from_number=call.from_number, to_number=call.to_number)
    with built.sessions.begin() as session:
        if not _is_ours(built, session, notice):
            return
        owed = carrier_events.accept(session, notice, at=now())
    if owed is not None:
        log.warning("recording.adopted", recording=recording.recording_id)
        offer("collect", [owed])


def _is_ours(built: Services, session: Session, notice: RecordingNotice) -> bool:
    """Tell whether the call was to us: the account may have other numbers and other uses."""
    number = notice.to_number
    if number is None or number in built.settings.twilio_numbers:
        return True
    dedicated = select(ServiceCode.id).where(ServiceCode.dedicated_number == number)
    known = select(Call.id).where(Call.carrier_id == notice.call_id)
    return session.scalar(dedicated) is not None or session.scalar(known) is not None


def _ended_at(recording: CarrierRecording) -> datetime:
    return recording.recorded_at + timedelta(seconds=recording.duration)


def _retag_one(built: Services, voicemail_id: UUID) -> bool:
    with built.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, voicemail_id)
        tags, (*derived, wav) = voicemail.store_tags, voicemails.all_keys(voicemail)
    try:
        for key in derived:
            with suppress(MissingObjectError):
                built.store.retag(key, tags)
        built.store.retag(wav, tags)
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("voicemail.not_retagged", voicemail=voicemail_id, error=failure)
        return False
    with built.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, voicemail_id, with_for_update=True)
        if voicemail.store_tags == tags:
            voicemail.tier_tag = tags["tier"]
    return True
