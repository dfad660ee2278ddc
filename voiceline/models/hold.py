"""A legal hold: what must not be deleted, whatever its age, until somebody lifts it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.people import User
from voiceline.models.request import PrivacyRequest


class LegalHold(OfBusiness, Base):
    """One hold, on one request or on all that a business has; the row stays for ever."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index(None, "business_id", "placed_at"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    """None where it is on everything of the business, what is still to come with it."""
    reason: Mapped[str] = mapped_column(String(500))
    placed_at: Mapped[datetime]
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    request: Mapped[PrivacyRequest | None] = relationship()
    placer: Mapped[User] = relationship(foreign_keys=[placed_by])
    lifter: Mapped[User | None] = relationship(foreign_keys=[lifted_by])

    def lift(self, by: User, at: datetime) -> None:
        """Let it hold nothing any more."""
        self.lifted_at, self.lifted_by = at, by.id
