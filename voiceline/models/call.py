"""One telephone call that reached a business or left a message, and callers we turn away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business, ServiceCode
from voiceline.rules.rights import Right


class Call(OfBusiness, Base):
    """One call; who called, whom they reached, and what they keyed."""

    __tablename__ = "call"
    __table_args__ = (
        Index(None, "business_id", "started_at"),
        Index(None, "business_id", "caller_id", "started_at"),
        Index(None, "to_number", "started_at"),
    )

    id: Mapped[Id]
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    """The carrier's CallSid: the key that makes every delivery of an event one."""
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    service_code_id: Mapped[UUID] = mapped_column(ForeignKey("service_code.id"))
    unassigned: Mapped[bool] = mapped_column(default=False)
    """The caller knew no code; the operator finds out which business was meant."""
    to_number: Mapped[str | None] = mapped_column(String(64))
    caller_id: Mapped[str | None] = mapped_column(String(16))
    """E.164 as the carrier claims it; unverified."""
    caller_unknown_because: Mapped[str | None] = mapped_column(String(16))
    attestation: Mapped[str | None] = mapped_column(String(64))
    """The carrier's StirVerstat, raw; advisory only."""
    language: Mapped[str] = mapped_column(String(2), default="en")
    right: Mapped[Right | None]
    """Keyed by the caller: a fact."""
    reference: Mapped[str | None] = mapped_column(String(9), unique=True)
    """Allotted when a message was left; the request gets the same."""
    prompts_version: Mapped[str | None] = mapped_column(String(32))
    """Which version of the sentences the caller heard."""
    started_at: Mapped[datetime]
    receipt_heard_at: Mapped[datetime | None]
    """The oral acknowledgement was played to its end at this moment (11 CCR 7021(a))."""
    ended_at: Mapped[datetime | None]
    business: Mapped[Business] = relationship()
    service_code: Mapped[ServiceCode] = relationship()

    def end(self, at: datetime) -> None:
        """Note that the call is over; events out of order change nothing."""
        self.ended_at = self.ended_at or at


class BlockedCaller(Base):
    """A number whose calls are rejected before they are answered, and so cost nothing."""

    __tablename__ = "blocked_caller"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
