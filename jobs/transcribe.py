"""The draft transcript: a leaf, which can be down for a day without legal effect."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now, work_off
from jobs.process import services
from voiceline import outbox
from voiceline.archive_copies import owe_record
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Transcript
from voiceline.ports import Failed, Pending, Transcription, TranscriptionJob
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.search_documents import follow_voicemail

if TYPE_CHECKING:
    from voiceline.bootstrap import Services
    from voiceline.ports import Transcriber

log = structlog.get_logger()

LEASE = timedelta(seconds=90)
LOOK_AGAIN = timedelta(seconds=10)


def transcribe(transcript_id: str) -> None:
    """Ask the engine for the draft, or for how far it is."""
    work_off(services(), Transcript, transcript_id, _advance, lease=LEASE)


def _advance(built: Services, transcript: Transcript) -> None:
    engine = built.transcriber
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Transcript, transcript.id, transcript.claim)
        if held is None:
            return
        voicemail = held.voicemail
        language = voicemail.call.language
        reason = _reason_to_skip(engine, voicemail.status, language)
        if reason:
            held.skip(reason, now())
            return
        # The lease must outlast the engine: about a fifth of the audio's length, times ten.
        held.due_at = now() + LEASE + timedelta(milliseconds=2 * (voicemail.duration_ms or 0))
    if engine is not None:
        _ask(built, engine, held, voicemail.object_key or "", language)


def _reason_to_skip(
    engine: Transcriber | None, status: VoicemailStatus, language: str
) -> str | None:
    if engine is None:
        return "no engine is set up: listen to it"
    if language not in engine.languages:
        return f"{engine.name} does not know the language {language}: listen to it"
    if status != VoicemailStatus.STORED:
        return "there is no audio any more"
    return None


def _ask(
    built: Services, engine: Transcriber, transcript: Transcript, key: str, language: str
) -> None:
    audio = built.store.get(key)
    job = TranscriptionJob(key=f"vm-{transcript.id}-1", audio=audio, language=language)
    ticket = transcript.ticket or engine.submit(job)
    answer = engine.poll(ticket)
    match answer:
        case Transcription():
            _keep(built, transcript, answer)
            engine.discard(ticket)
        case Pending():
            _wait(built, transcript, ticket)
        case Failed(reason, retryable):
            engine.discard(ticket)
            raise (TemporaryFailure if retryable else PermanentFailure)(reason)


def _keep(built: Services, transcript: Transcript, draft: Transcription) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Transcript, transcript.id, transcript.claim)
        if held is not None:
            held.complete(draft, now())
            follow_voicemail(session, held.voicemail)
            owe_record(session, held.voicemail_id, at=now())
            log.info("transcript.completed", transcript=transcript.id)


def _wait(built: Services, transcript: Transcript, ticket: str) -> None:
    with built.sessions.begin() as session:
        held = outbox.reclaim(session, Transcript, transcript.id, transcript.claim)
        if held is not None:
            held.ticket, held.claim, held.due_at = ticket, None, now() + LOOK_AGAIN
