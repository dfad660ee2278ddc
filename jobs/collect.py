"""From the carrier to our store: the job that makes a voicemail safe and files its request.

Each voicemail as far as it can go now. Every step may be the last one this process lives to see,
and may be done again by another: the object's key is always the same, storing it twice is once,
the request is unique by its call, and deleting what is gone is done.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from jobs.claimed import now, work_off
from jobs.failpoints import reach
from jobs.process import offer, services
from jobs.rounds import one_by_one
from voiceline import outbox, voicemails
from voiceline.errors import (
    MissingObjectError,
    MissingRecordingError,
    ObjectConflictError,
    TemporaryFailure,
)
from voiceline.models import Delivery, DerivedAudio, Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.search_documents import follow_voicemail
from voiceline.takes import hold_takes
from voiceline.voicemails import Step
from voiceline.wav import duration_ms

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.ports import StoredObject

log = structlog.get_logger()

WORDS_CHANGE = {Step.ERASE, Step.RESTORE}
"""Steps after which other words can be searched for."""

LET_GO = {VoicemailStatus.REPLACED, VoicemailStatus.ERASED, VoicemailStatus.EXPIRED}

AUDIO = "audio/x-wav"
NOT_YET = (0.5, 1.0, 2.0)
"""Seconds between looks at a recording the carrier does not show yet (twilio.md section 5)."""

CUT_SECONDS = 2
BELIEVE_CUT_AFTER = 5
"""Attempts after which audio shorter than the carrier claimed is all there is: a message with a
missing end is filed, one that is never filed misses its deadline."""

GONE_AFTER = timedelta(hours=6)
"""A recording the carrier has not shown for this long is not coming."""


def collect(*voicemail_ids: str) -> None:
    """Take each voicemail as far as it can go."""
    for voicemail_id in one_by_one("collect", voicemail_ids):
        work_off(services(), Voicemail, voicemail_id, _advance)


def _advance(built: Services, voicemail: Voicemail) -> None:
    reach("after_claim")
    grace = timedelta(seconds=built.settings.carrier_grace_seconds)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Voicemail, voicemail.id, voicemail.claim)
        if held is None:
            return
        step = voicemails.next_step(session, held, at=now(), grace=grace)
        _ = held.business, held.call, held.derived
    ACTS[step](built, held)


def _collect(built: Services, voicemail: Voicemail) -> None:
    if voicemail.attempts > 1:
        _look_at_store(built, voicemail)
    audio = _fetch(built, voicemail)
    reach("after_fetch")
    length = duration_ms(audio)
    _check_whole(voicemail, length)
    tags = voicemail.store_tags
    stored = _put(built, voicemail, audio, tags)
    reach("after_put")
    with built.sessions.begin() as session:
        hold_takes(session, voicemail.call_id)
        held = outbox.reclaim(session, Voicemail, voicemail.id, voicemail.claim)
        if held is None:
            _undo_late_put(built, session, voicemail.id, stored.key)
            return
        if held.status == VoicemailStatus.FAILED:
            held.try_again(now())
        request_id = voicemails.keep(
            session, held, stored, tier_tag=tags["tier"], duration_ms=length, at=now()
        )
        reach("before_commit")
    reach("after_commit")
    log.info("voicemail.stored", voicemail=voicemail.id, request=request_id)
    _offer_leaves(built, voicemail.id, request_id)
    if held.call.ended_at is not None:
        work_off(built, Voicemail, str(voicemail.id), _advance)


def _look_at_store(built: Services, voicemail: Voicemail) -> None:
    """Raise if the store is still away, before the carrier is asked for the audio once more."""
    with suppress(MissingObjectError):
        built.store.size(voicemails.object_key(voicemail))


def _fetch(built: Services, voicemail: Voicemail) -> bytes:
    """Fetch the audio by the recording's id; just after a call it may not be there yet.

    What the carrier let go of already may be in our store: the row is one of after a restore.
    """
    for seconds in NOT_YET:
        try:
            return built.recordings.fetch(voicemail.carrier_id)
        except MissingRecordingError:
            with suppress(MissingObjectError):
                return built.store.get(voicemails.object_key(voicemail))
            time.sleep(seconds)
    try:
        return built.recordings.fetch(voicemail.carrier_id)
    except MissingRecordingError:
        if now() > voicemail.received_at + GONE_AFTER:
            raise
        raise TemporaryFailure("the carrier does not show the recording yet") from None


def _check_whole(voicemail: Voicemail, length_ms: int) -> None:
    """Refuse audio that ends before the carrier says it does (reliability.md row 42)."""
    claimed = voicemail.claimed_seconds or 0
    if length_ms >= (claimed - CUT_SECONDS) * 1000:
        return
    if voicemail.attempts <= BELIEVE_CUT_AFTER:
        raise TemporaryFailure("the audio is shorter than the carrier claimed")
    log.warning("voicemail.shorter_than_claimed", voicemail=voicemail.id)


def _put(built: Services, voicemail: Voicemail, audio: bytes, tags: dict[str, str]) -> StoredObject:
    """Store the audio; bytes of another origin under its key are left alone."""
    key = voicemails.object_key(voicemail)
    try:
        stored = built.store.put(key, audio, content_type=AUDIO, tags=tags)
    except ObjectConflictError:
        log.error("voicemail.key_taken", voicemail=voicemail.id)
        other = key.replace(".wav", f"-{voicemail.id.hex[:8]}.wav")
        stored = built.store.put(other, audio, content_type=AUDIO, tags=tags)
    if voicemail.attempts > 1:
        # An earlier attempt may have stored it under the tier of that moment.
        built.store.retag(stored.key, tags)
        # Or before there were keys: the row says nothing of a seal until upkeep has looked.
        stored = replace(stored, seal=None)
    return stored


def _undo_late_put(built: Services, session: Session, voicemail_id: UUID, key: str) -> None:
    """Delete what was put after others had erased it; under lock, so that nobody keeps it now.

    This process hung for longer than its lease, or a later take came meanwhile. Where others
    stored the same bytes under the same key, they are theirs. A row that is gone was a canary's.
    """
    status = session.scalar(
        select(Voicemail.status).where(Voicemail.id == voicemail_id).with_for_update()
    )
    if status is None or status in LET_GO:
        built.store.delete(key)


def _offer_leaves(built: Services, voicemail_id: UUID, request_id: UUID) -> None:
    """Wake what follows."""
    with built.sessions.begin() as session:
        transcripts = session.scalars(
            select(Transcript.id).where(Transcript.voicemail_id == voicemail_id)
        ).all()
        deliveries = session.scalars(
            select(Delivery.id).where(Delivery.request_id == request_id)
        ).all()
        derived = session.scalars(
            select(DerivedAudio.id).where(DerivedAudio.voicemail_id == voicemail_id)
        ).all()
    offer("derive", derived)
    offer("transcribe", transcripts)
    offer("notify", deliveries)


def _delete_at_carrier(built: Services, voicemail: Voicemail) -> None:
    reach("before_carrier_delete")
    built.recordings.delete(voicemail.carrier_id)
    reach("after_carrier_delete")
    _finish(built, voicemail, Step.DELETE_AT_CARRIER)


def _erase(built: Services, voicemail: Voicemail) -> None:
    """Erase a replaced take everywhere it may be."""
    for key in voicemails.all_keys(voicemail):
        built.store.delete(key)
    built.recordings.delete(voicemail.carrier_id)
    _finish(built, voicemail, Step.ERASE)


def _restore(built: Services, voicemail: Voicemail) -> None:
    _finish(built, voicemail, Step.RESTORE)
    work_off(built, Voicemail, str(voicemail.id), _advance)


def _look_again(built: Services, voicemail: Voicemail) -> None:
    _finish(built, voicemail, Step.WAIT)


def _nothing(built: Services, voicemail: Voicemail) -> None:
    _finish(built, voicemail, Step.NOTHING)


def _finish(built: Services, voicemail: Voicemail, done: Step) -> None:
    with built.sessions.begin() as session:
        hold_takes(session, voicemail.call_id)
        held = outbox.reclaim(session, Voicemail, voicemail.id, voicemail.claim)
        if held is not None:
            voicemails.finish_step(held, done, at=now())
            if done in WORDS_CHANGE:
                follow_voicemail(session, held)


ACTS = {
    Step.COLLECT: _collect,
    Step.DELETE_AT_CARRIER: _delete_at_carrier,
    Step.ERASE: _erase,
    Step.RESTORE: _restore,
    Step.WAIT: _look_again,
    Step.NOTHING: _nothing,
}
