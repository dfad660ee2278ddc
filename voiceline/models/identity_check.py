"""That somebody was verified: how, how well, by whom, when; never the data that were compared."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.rules.identity import Level, Method


class IdentityCheck(OfBusiness, Base):
    """One attempt to verify who asks; kept whether it succeeded or not."""

    __tablename__ = "identity_check"
    __table_args__ = (Index(None, "request_id", "at"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    method: Mapped[Method]
    level: Mapped[Level]
    """What it proved; NONE as well for a check that failed."""
    passed: Mapped[bool]
    points: Mapped[list[str]] = mapped_column(JSON)
    """Kinds of data points that matched: "email", not the address."""
    declared: Mapped[bool]
    """Whether it was signed under penalty of perjury."""
    at: Mapped[datetime]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]
    """Written down in error: it counts for nothing."""
