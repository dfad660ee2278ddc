"""A filter of the inbox that somebody gave a name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness


class SavedView(OfBusiness, Base):
    """One name and the part of an address it stands for; of one colleague, or of the team."""

    __tablename__ = "saved_view"
    __table_args__ = (Index(None, "business_id", "name"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    """Who made it."""
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(Text)
    """Choices that were read and written again by us: `status=open&due=overdue`."""
    shared: Mapped[bool]
    created_at: Mapped[datetime]
