"""A message we owe somebody; its status is the outbox."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id
from voiceline.models.request import PrivacyRequest
from voiceline.rules.lifecycle import DeliveryStatus, check_move


class DeliveryKind(StrEnum):
    """What the message says."""

    REQUEST_FILED = "request_filed"


class Delivery(Base):
    """One e-mail about one request, sent once."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("request_id", "kind"),
        Index("ix_delivery_due_at", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    kind: Mapped[DeliveryKind]
    address: Mapped[str] = mapped_column(String(320))
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.PENDING)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    request: Mapped[PrivacyRequest] = relationship()

    def finish(self, at: datetime) -> None:
        """Note that the message was handed over."""
        self._move(DeliveryStatus.DONE, at)

    def fail(self, reason: str, at: datetime) -> None:
        """Give up on the message."""
        self._move(DeliveryStatus.FAILED, at)
        self.last_error = reason[:500]

    def _move(self, new: DeliveryStatus, at: datetime) -> None:
        check_move(self.status, new)
        self.status = new
        self.finished_at, self.due_at, self.claim = at, None, None
