"""What is made of a voicemail for browsers: an MP3, and the outline of the sound."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.voicemail import TRY_FAILED_AGAIN, Voicemail
from voiceline.rules.lifecycle import DerivedStatus, check_move

if TYPE_CHECKING:
    from voiceline.ports import StoredObject

STOP_TRYING = timedelta(days=7)
"""After it a browser plays the WAV for good."""

LEASE = timedelta(minutes=12)
"""How long a job may hold a row: longer than its queue lets any job live."""


class DerivedAudio(OfBusiness, Base):
    """What one voicemail owes browsers; the WAV stays the record, and this goes with it."""

    __tablename__ = "derived_audio"
    __table_args__ = (
        Index("ix_derived_audio_due_at", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    voicemail_id: Mapped[UUID] = mapped_column(ForeignKey("voicemail.id"), unique=True)
    status: Mapped[DerivedStatus] = mapped_column(default=DerivedStatus.PENDING)
    object_key: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    """Bytes of the MP3."""
    peaks: Mapped[bytes | None] = mapped_column(LargeBinary)
    """How loud it is from beginning to end, a byte each; empty where it could not be drawn."""
    created_at: Mapped[datetime]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    voicemail: Mapped[Voicemail] = relationship(back_populates="derived")

    def make(self, stored: StoredObject, peaks: bytes) -> None:
        """Note that the MP3 was read back from the object store."""
        if self.status == DerivedStatus.FAILED:
            self._move(DerivedStatus.PENDING)
        self._move(DerivedStatus.MADE)
        self.object_key, self.sha256, self.size = stored.key, stored.sha256, stored.size
        self.peaks, self.last_error = peaks, None
        self.rest()

    def make_again(self, at: datetime) -> None:
        """Owe the MP3 anew: what was made before is gone, or opens no more; the outline stays."""
        if self.status == DerivedStatus.MADE:
            self._move(DerivedStatus.PENDING)
            self.object_key = self.sha256 = self.size = None
            self.attempts, self.due_at = 0, at

    def fail(self, reason: str, at: datetime) -> None:
        """Do without; it is tried again hourly for a week, in case somebody mended the cause."""
        if self.status == DerivedStatus.PENDING:
            self._move(DerivedStatus.FAILED)
        young = at < self.created_at + STOP_TRYING
        self.rest()
        self.last_error = reason[:500]
        self.due_at = at + TRY_FAILED_AGAIN if young or self._leaves else None

    def leave(self, at: datetime) -> None:
        """Owe the deletion, once a job that may be writing the MP3 now is dead for certain."""
        if self._leaves:
            return
        self._move(DerivedStatus.LEAVING)
        held = self.claim is not None
        self.peaks, self.claim, self.attempts = None, None, 0
        self.due_at = at + LEASE if held else at

    def rest(self) -> None:
        """Owe nothing for now."""
        self.due_at, self.claim = None, None

    @property
    def _leaves(self) -> bool:
        return self.status == DerivedStatus.LEAVING

    def _move(self, new: DerivedStatus) -> None:
        check_move(self.status, new)
        self.status = new
