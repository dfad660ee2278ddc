"""That a request's recordings are to be erased for good, until each place says that they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.request import PrivacyRequest

TRY_REFUSED_AGAIN = timedelta(hours=1)


class Erasure(OfBusiness, Base):
    """One order to erase; `due_at` says that it is owed. It stays: it says whose wish it was."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index("ix_erasure_due_at", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(500))
    """Whose wish it was, in the operator's words."""
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    objects: Mapped[int] = mapped_column(default=0)
    """How many were found and deleted, of all attempts."""
    texts: Mapped[int] = mapped_column(default=0)
    certificate_id: Mapped[UUID | None]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    request: Mapped[PrivacyRequest] = relationship()

    def finish(self, at: datetime, certificate_id: UUID) -> None:
        """Note that each place said so."""
        self.done_at, self.certificate_id = at, certificate_id
        self.claim = self.due_at = self.last_error = None

    def fail(self, reason: str, at: datetime) -> None:
        """Rest for an hour: what was ordered is never given up."""
        self.claim, self.due_at = None, at + TRY_REFUSED_AGAIN
        self.last_error = reason[:500]
