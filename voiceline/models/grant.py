"""Access to a business that one of the operator's people asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.people import User


class GrantState(StrEnum):
    """Where a grant stands at a moment; only one that runs opens anything."""

    ASKED = "asked"
    LAPSED = "lapsed"
    """Nobody decided in time."""
    TAKEN_BACK = "taken_back"
    REFUSED = "refused"
    RUNNING = "running"
    ENDED = "ended"
    """Before its time, by somebody."""
    OVER = "over"


class AccessGrant(OfBusiness, Base):
    """One person's leave to read one business for a while; the row stays for ever.

    What it is at a moment is read off its times: no job that is late keeps a door open.
    """

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint("seconds between 1 and 604800", name="length"),
        Index(None, "business_id", "asked_at"),
        Index(None, "user_id", "business_id"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    """Who may read; nobody else of the operator's may."""
    reason: Mapped[str] = mapped_column(String(500))
    seconds: Mapped[int]
    """How long it lasts from its approval."""
    asked_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    ends_at: Mapped[datetime | None]
    """By the clock, once it is approved."""
    ended_at: Mapped[datetime | None]
    """When somebody ended it before, or took the request back."""
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    business: Mapped[Business] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    decider: Mapped[User | None] = relationship(foreign_keys=[decided_by])
    ender: Mapped[User | None] = relationship(foreign_keys=[ended_by])

    @property
    def length(self) -> timedelta:
        """How long it lasts from its approval."""
        return timedelta(seconds=self.seconds)

    def state(self, at: datetime) -> GrantState:
        """Answer where it stands at that moment."""
        if self.refused_at is not None:
            return GrantState.REFUSED
        if self.approved_at is None or self.ends_at is None:
            if self.ended_at is not None:
                return GrantState.TAKEN_BACK
            return GrantState.ASKED if at < self.lapses_at else GrantState.LAPSED
        if self.ended_at is not None:
            return GrantState.ENDED
        return GrantState.RUNNING if at < self.ends_at else GrantState.OVER

    def approve(self, by: User, at: datetime) -> None:
        """Let it begin now."""
        self.approved_at, self.decided_by, self.ends_at = at, by.id, at + self.length

    def refuse(self, by: User, at: datetime) -> None:
        """Let it never begin."""
        self.refused_at, self.decided_by = at, by.id

    def end(self, by: User, at: datetime) -> None:
        """End it before its time, or take the request back."""
        self.ended_at, self.ended_by = at, by.id
