"""What became of the demo's call: looked up in the database, as a clerk would see it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.models import Call, PrivacyRequest, Transcript, Voicemail
from voiceline.rules.lifecycle import TranscriptStatus, VoicemailStatus
from voiceline.rules.references import grouped
from voiceline.rules.retention import RETENTION_DAYS
from voiceline.rules.rights import LABELS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session, sessionmaker

LOOK_SECONDS = 0.2
FILED_SECONDS = 60
TRANSCRIBED_SECONDS = 120


@dataclass(frozen=True)
class Filed:
    """The rows of one call."""

    request: PrivacyRequest
    voicemail: Voicemail
    transcript: Transcript | None

    def lines(self, folder: str) -> list[tuple[str, str]]:
        """Answer what to tell, as pairs of a word and a sentence."""
        request, voicemail, business = self.request, self.voicemail, self.request.business
        named = next((asked.right for asked in request.rights if asked.right), None)
        days = RETENTION_DAYS[business.tier]
        kept = f"{voicemail.expires_at:%d %B %Y} ({business.tier}, {days} days)"
        acknowledged = request.acknowledged_how or f"due by {request.acknowledge_by}"
        return [
            ("stored", f"{folder}/{voicemail.object_key}"),
            ("", f"{voicemail.size:,} bytes, SHA-256 {(voicemail.sha256 or '')[:16]}..."),
            ("kept until", kept),
            ("transcript", self._draft()),
            ("filed", f"request {grouped(request.reference)} for {business.name}"),
            ("right", f"{LABELS[named]} (keyed by the caller)" if named else "not named: listen"),
            ("received", f"{request.received_on:%A, %d %B %Y} ({business.time_zone})"),
            ("acknowledge", str(acknowledged)),
            ("answer by", f"{request.respond_by:%A, %d %B %Y}"),
        ]

    @property
    def is_transcribed(self) -> bool:
        """Whether the engine has said what it has to say."""
        return self.transcript is not None and self.transcript.status != TranscriptStatus.PENDING

    def _draft(self) -> str:
        transcript = self.transcript
        if transcript is None or transcript.status == TranscriptStatus.PENDING:
            return "still being made"
        if transcript.status != TranscriptStatus.COMPLETED:
            return f"none ({transcript.last_error})"
        return f"machine's draft: “{transcript.text}”"


def await_filed(
    sessions: sessionmaker[Session], call_id: str, is_alive: Callable[[], bool]
) -> Filed | None:
    """Wait until the call's request is filed and its transcript made; None when it is not filed."""
    filed_by = time.monotonic() + FILED_SECONDS
    transcribed_by = filed_by + TRANSCRIBED_SECONDS
    while time.monotonic() < transcribed_by and is_alive():
        with sessions() as session:
            found = _look_up(session, call_id)
        if found is None and time.monotonic() > filed_by:
            return None
        if found is not None and found.is_transcribed:
            return found
        time.sleep(LOOK_SECONDS)
    return found


def _look_up(session: Session, call_id: str) -> Filed | None:
    request = session.scalar(select(PrivacyRequest).join(Call).where(Call.carrier_id == call_id))
    if request is None:
        return None
    _ = request.business, request.rights
    voicemail = session.scalars(
        select(Voicemail).where(
            Voicemail.call_id == request.call_id, Voicemail.status == VoicemailStatus.STORED
        )
    ).first()
    if voicemail is None:
        return None
    transcript = session.scalars(
        select(Transcript).where(Transcript.voicemail_id == voicemail.id)
    ).first()
    return Filed(request, voicemail, transcript)
