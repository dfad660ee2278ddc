"""The job that copies voicemails into an enterprise's own bucket: a leaf, on a queue of its own.

It claims the destination, not each copy: a bucket that refuses, or does not answer, rests by
itself, longer each time, while every other one goes on, and is tried again without anybody's help.
"""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now, work_off
from jobs.process import services
from voiceline import archive_copies, outbox
from voiceline.alarms import tell_people
from voiceline.archive import has_plan, may_copy, place_of
from voiceline.errors import ArchiveRefusal, PermanentFailure, TemporaryFailure
from voiceline.models import ArchiveDestination, Business, DeliveryKind, Role

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.archive_copies import Parcel
    from voiceline.bootstrap import Services
    from voiceline.ports import ArchivePlace, Archives

log = structlog.get_logger()

STREAMS = 4
"""Puts at the same time into one bucket."""

BATCH = 16
ROUND_SECONDS = 20.0
"""How long one bucket is worked on before another one has its turn."""

LOOK_AGAIN = timedelta(minutes=2)
"""How long a bucket that has everything is left alone."""

ASK_AGAIN = timedelta(hours=1)
"""How long one is left alone that nothing may go to, and that is wanted all the same."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=15)
TOLD_AFTER = timedelta(hours=1)
"""What passes by itself is told of when it has lasted so long; a refusal at once."""

NOT_CONNECTED = "the last test of the connection failed, or the bucket was changed: test it again"
SOUND, RECORD = "audio/wav", "application/json"


def archive(destination_id: str) -> None:
    """Copy what is owed to one destination, for as long as a round may take."""
    work_off(services(), ArchiveDestination, destination_id, _advance)


def _advance(built: Services, row: ArchiveDestination) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, ArchiveDestination, row.id, row.claim)
        if held is None:
            return
        business = session.get_one(Business, held.business_id)
        if not may_copy(held, business):
            _rest(session, held, business)
            return
        archive_copies.fill(session, held, at=now())
    if built.archives is None:
        raise PermanentFailure("the operator has set up no account to copy from")
    try:
        done = _copy_owed(built, built.archives, held)
    except (ArchiveRefusal, TemporaryFailure) as failure:
        built.archives.forget(place_of(held), held.external_id)
        _note_failure(built, held, failure)
        return
    _note_round(built, held, done)


def _rest(session: Session, row: ArchiveDestination, business: Business) -> None:
    """Leave it alone; where copies are wanted and only a test is missing, its owners are told."""
    if row.wanted_since is None:
        row.rest()
        return
    row.rest(until=now() + ASK_AGAIN)
    if has_plan(business):
        _tell(session, row, NOT_CONNECTED)


def _copy_owed(built: Services, archives: Archives, row: ArchiveDestination) -> int:
    """Copy until nothing is owed or the round is over; answer how many were tried."""
    to, until, tried = place_of(row), time.monotonic() + ROUND_SECONDS, 0
    while time.monotonic() < until:
        with built.sessions() as session:
            ids = archive_copies.owed(session, row.id, row.version, at=now(), limit=BATCH)
        if not ids:
            break
        with ThreadPoolExecutor(STREAMS) as pool:
            streams = [pool.submit(_copy, built, archives, to, row, each) for each in ids]
            try:
                for stream in streams:
                    stream.result()
            finally:
                pool.shutdown(cancel_futures=True)
        tried += len(ids)
    return tried


def _copy(
    built: Services, archives: Archives, to: ArchivePlace, row: ArchiveDestination, copy_id: UUID
) -> None:
    """Put one voicemail's sound, unless it is there, and its record."""
    with built.sessions.begin() as session:
        parcel = archive_copies.begin(session, copy_id, row)
    if parcel is None:
        return
    try:
        sound = _read(built, parcel) if parcel.with_sound else None
    except (TemporaryFailure, PermanentFailure) as failure:
        log.warning("archive.sound_unreadable", copy=copy_id, error=failure)
        with built.sessions.begin() as session:
            archive_copies.put_off(session, parcel, str(failure), at=now())
        return
    with built.sessions() as session:  # reading takes its time: it may be ended, or erased
        if not archive_copies.is_wanted(session, parcel, row.id):
            return
    bucket, name = archives.bucket(to, row.external_id), parcel.name
    put = bucket.put(f"{name}.wav", sound, content_type=SOUND) if sound is not None else None
    record = bucket.put(f"{name}.json", parcel.record, content_type=RECORD)
    with built.sessions.begin() as session:
        archive_copies.note_archived(session, parcel, put, record, at=now())


def _read(built: Services, parcel: Parcel) -> bytes:
    """Answer the sound from our own store, if it is still what was stored."""
    sound = built.store.get(parcel.key)
    if hashlib.sha256(sound).hexdigest() != parcel.sha256:
        raise PermanentFailure("our own sound is not what was stored")
    return sound


def _note_round(built: Services, row: ArchiveDestination, done: int) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, ArchiveDestination, row.id, row.claim)
        if held is not None:
            held.rest(until=now() if done else now() + LOOK_AGAIN)
    if done:
        log.info("archive.copied", destination=row.id, count=done)


def _note_failure(
    built: Services, row: ArchiveDestination, failure: ArchiveRefusal | TemporaryFailure
) -> None:
    """Let the bucket rest, longer each time, and its owners know, once a day."""
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, ArchiveDestination, row.id, row.claim)
        if held is None:
            return
        held.failing_since = held.failing_since or now()
        pause = min(FIRST_PAUSE * 2 ** min(held.attempts - 1, 16), LONGEST_PAUSE)
        outbox.postpone(held, str(failure), until=now() + pause)
        lasts = now() - held.failing_since >= TOLD_AFTER
        if lasts or isinstance(failure, ArchiveRefusal):
            _tell(session, held, str(failure))
    log.warning("archive.failing", destination=row.id, error=failure)


def _tell(session: Session, row: ArchiveDestination, reason: str) -> None:
    behind = archive_copies.progress(session, row.business_id).behind
    facts = {"reason": reason[:300], "behind": str(behind)}
    about = f"{row.business_id.hex}/{now():%Y-%m-%d}"
    kind = DeliveryKind.ARCHIVE_FAILING
    tell_people(session, row.business_id, (Role.OWNER,), kind, about, facts, at=now())
