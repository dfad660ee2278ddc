"""What each colleague has read: a mark behind them, the exceptions after it, and their habits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness


class InboxChoice(OfBusiness, Base):
    """How one colleague keeps the inbox of one business; who never chose anything has none."""

    __tablename__ = "inbox_choice"
    __table_args__ = (UniqueConstraint("business_id", "user_id"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    read_before: Mapped[datetime | None]
    """What came until then is read, but for what is marked; None: since they joined."""
    keys_on: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    """Whether single keys do something (WCAG 2.2, 2.1.4)."""
    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("saved_view.id", ondelete="SET NULL"))
    """The saved view that the inbox opens with."""


class RequestRead(OfBusiness, Base):
    """That one colleague has read one request, or wants it to count as unread."""

    __tablename__ = "request_read"
    __table_args__ = (
        Index(None, "business_id", "user_id", "read_at"),
        Index(None, "request_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), primary_key=True)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    read_at: Mapped[datetime | None]
    """None: marked as unread."""
