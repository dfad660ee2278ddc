"""A machine's draft of a voicemail; new versions are appended, never written over."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.voicemail import Voicemail
from voiceline.rules.lifecycle import TranscriptStatus, check_move
from voiceline.rules.plain_text import without_controls

if TYPE_CHECKING:
    from voiceline.ports import Transcription


class Transcript(OfBusiness, Base):
    """One version of what a machine heard."""

    __tablename__ = "transcript"
    __table_args__ = (
        UniqueConstraint("voicemail_id", "version"),
        Index("ix_transcript_due_at", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    voicemail_id: Mapped[UUID] = mapped_column(ForeignKey("voicemail.id"))
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[TranscriptStatus] = mapped_column(default=TranscriptStatus.PENDING)
    language: Mapped[str | None] = mapped_column(String(8))
    text: Mapped[str | None] = mapped_column(Text)
    words: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """`{text, start, end, confidence}` in seconds of the audio."""
    confidence: Mapped[float | None]
    engine: Mapped[str | None] = mapped_column(String(64))
    engine_version: Mapped[str | None] = mapped_column(String(128))
    ticket: Mapped[str | None]
    """The engine's own name for the work, while it is at it."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    voicemail: Mapped[Voicemail] = relationship()

    def complete(self, draft: Transcription, at: datetime) -> None:
        """Keep the draft, with the engine that made it."""
        self._move(TranscriptStatus.COMPLETED, at)
        self.text = without_controls(draft.text)
        self.language, self.confidence = draft.language, draft.confidence
        self.engine, self.engine_version = draft.engine, draft.engine_version
        self.words = [asdict(w) | {"text": without_controls(w.text)} for w in draft.words]

    def skip(self, reason: str, at: datetime) -> None:
        """Leave it to a person: this audio is not for this engine."""
        self._move(TranscriptStatus.SKIPPED, at)
        self.last_error = reason[:500]

    def fail(self, reason: str, at: datetime) -> None:
        """Give up; the voicemail can be listened to all the same."""
        self._move(TranscriptStatus.FAILED, at)
        self.last_error = reason[:500]

    def forget(self) -> None:
        """Let go of what was heard: the voicemail was erased."""
        self.text = self.words = self.confidence = self.last_error = self.ticket = None

    def try_again(self, at: datetime) -> None:
        """Owe the work again."""
        check_move(self.status, TranscriptStatus.PENDING)
        self.status = TranscriptStatus.PENDING
        self.attempts, self.due_at, self.claim, self.finished_at = 0, at, None, None

    def _move(self, new: TranscriptStatus, at: datetime) -> None:
        check_move(self.status, new)
        self.status = new
        self.finished_at, self.due_at, self.claim = at, None, None
