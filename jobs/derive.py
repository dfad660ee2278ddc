"""What browsers want of a message: an MP3 and its outline. A leaf, which plays the WAV until then.

The MP3 is a copy of a caller's voice, so it is deleted wherever the WAV is: at once by whoever
deletes that, and once more from here, after any job that may still have been writing it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.claimed import work_off
from jobs.deleting import delete_seen
from jobs.process import services
from voiceline import outbox, voicemails
from voiceline.derived_audio import derived_key, hold_voicemail, keep_derived
from voiceline.errors import ObjectConflictError, PermanentFailure, TemporaryFailure
from voiceline.models import DerivedAudio
from voiceline.models.derived_audio import LEASE
from voiceline.rules.lifecycle import DerivedStatus, VoicemailStatus
from voiceline.sound.mp3 import LARGEST, TYPE, make_mp3
from voiceline.waveform import draw_peaks

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.ports import StoredObject

log = structlog.get_logger()


def derive(derived_id: str) -> None:
    """Make what is owed of one message, or delete it."""
    work_off(services(), DerivedAudio, derived_id, _advance, lease=LEASE)


def _advance(built: Services, derived: DerivedAudio) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, DerivedAudio, derived.id, derived.claim)
        if held is None:
            return
        leaving = held.status == DerivedStatus.LEAVING
        if not leaving and held.voicemail.status != VoicemailStatus.STORED:
            held.rest()
            return
        wav = voicemails.object_key(held.voicemail)
        size, tags = held.voicemail.size, held.voicemail.store_tags
    if leaving:
        _delete(built, held, derived_key(wav))
    elif (size or 0) > LARGEST:
        raise PermanentFailure("the audio is too long for an MP3")
    else:
        _make(built, held, wav, tags)


def _make(built: Services, derived: DerivedAudio, wav: str, tags: dict[str, str]) -> None:
    audio = built.store.get(wav)
    peaks, mp3 = draw_peaks(audio), make_mp3(audio)
    stored = _put(built, derived_key(wav), mp3, tags)
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, DerivedAudio, derived.id, derived.claim)
        if held is None:
            _undo_late_put(built, session, derived, stored.key)
        elif not keep_derived(session, held, stored, peaks=peaks, tags=tags):
            built.store.delete(stored.key)
    log.info("voicemail.derived", voicemail=derived.voicemail_id)


def _put(built: Services, key: str, mp3: bytes, tags: dict[str, str]) -> StoredObject:
    """Store the MP3; one that another version of the encoder left behind gives way."""
    try:
        stored = built.store.put(key, mp3, content_type=TYPE, tags=tags)
    except ObjectConflictError:
        built.store.delete(key)
        raise TemporaryFailure("an MP3 of other bytes was in the way") from None
    # An earlier attempt may have stored it under the tier of that moment.
    built.store.retag(stored.key, tags)
    return stored


def _undo_late_put(built: Services, session: Session, derived: DerivedAudio, key: str) -> None:
    """Delete what was put after the message had gone: this process hung longer than its lease."""
    if hold_voicemail(session, derived).status != VoicemailStatus.STORED:
        built.store.delete(key)


def _delete(built: Services, derived: DerivedAudio, key: str) -> None:
    if not delete_seen(built.store, key):
        raise TemporaryFailure("the MP3 is still there")
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, DerivedAudio, derived.id, derived.claim)
        if held is not None:
            session.delete(held)
