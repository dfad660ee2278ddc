"""What colleagues are told without asking: their choice, what was raised, their calendar."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.people import User
from voiceline.models.request import PrivacyRequest
from voiceline.rules.alerts import Stage


class NoticeChoice(OfBusiness, Base):
    """What one colleague wants to be told of one business; who never chose has none."""

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("business_id", "user_id"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    at_once: Mapped[bool]
    daily: Mapped[bool]
    friday: Mapped[bool]
    deadlines: Mapped[bool]
    unassigned: Mapped[bool]
    assigned: Mapped[bool] = mapped_column(default=True, server_default=true())
    expiring: Mapped[bool] = mapped_column(default=True, server_default=true())
    chosen_at: Mapped[datetime]


class RaisedDeadline(OfBusiness, Base):
    """That one request came so near to one date; noted once, told on that day."""

    __tablename__ = "raised_deadline"
    __table_args__ = (Index(None, "business_id", "raised_on"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), primary_key=True)
    due_by: Mapped[date] = mapped_column(primary_key=True)
    stage: Mapped[Stage] = mapped_column(primary_key=True)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    raised_on: Mapped[date]
    request: Mapped[PrivacyRequest] = relationship()


class CalendarAddress(OfBusiness, Base):
    """The secret address of one colleague's calendar of deadlines; only its hash is here."""

    __tablename__ = "calendar_address"
    __table_args__ = (UniqueConstraint("business_id", "user_id"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    business: Mapped[Business] = relationship()
    user: Mapped[User] = relationship()
