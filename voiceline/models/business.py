"""The business that must answer its consumers, and its service codes."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.rules.alerts import NEVER_YET
from voiceline.rules.deadlines import DEFAULT_TIME_ZONE
from voiceline.rules.lifecycle import BusinessStatus, check_move
from voiceline.rules.retention import AccountTier


class Business(Base):
    """A customer of ours, or the operator itself."""

    __tablename__ = "business"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    tier: Mapped[AccountTier]
    status: Mapped[BusinessStatus] = mapped_column(default=BusinessStatus.ACTIVE)
    trial_ends_at: Mapped[datetime | None]
    """Only a trial has an end; after it the codes stop answering."""
    time_zone: Mapped[str] = mapped_column(String(64), default=DEFAULT_TIME_ZONE)
    """IANA name; a request's day of receipt is a date of this zone."""
    asks_right: Mapped[bool] = mapped_column(default=True)
    """Whether callers are offered the menu of rights."""
    notify_address: Mapped[str | None] = mapped_column(String(320))
    """Who is told, by e-mail and without content, that a request came."""
    mails_words: Mapped[bool] = mapped_column(default=False)
    """Whether mail to colleagues may hold what a consumer wrote."""
    alerts_due_at: Mapped[datetime] = mapped_column(default=NEVER_YET, index=True)
    """When its colleagues' next morning round is due."""
    publishes_metrics: Mapped[bool] = mapped_column(default=False)
    """Whether anybody may see the figures of 11 CCR 7102."""
    viewers_read_notes: Mapped[bool] = mapped_column(default=True)
    """Whether compliance notes are shown to who may only read."""
    single_sign_on_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its pages open only to who came through its own provider."""
    needs_second_step: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its pages open only to who proves two things when signing in."""
    is_canary: Mapped[bool] = mapped_column(default=False)
    """Whether it is nobody's: canary calls reach it, and consumers never do."""
    opened_at: Mapped[datetime]
    policy_version: Mapped[str | None] = mapped_column(String(40))
    """The privacy policy in force when the account was opened."""
    service_codes: Mapped[list[ServiceCode]] = relationship(back_populates="business")

    def suspend(self) -> Self:
        """Stop answering for the business; what it has stays."""
        return self._move(BusinessStatus.SUSPENDED)

    def resume(self) -> Self:
        """Answer for the business again."""
        return self._move(BusinessStatus.ACTIVE)

    def close(self) -> Self:
        """End the account."""
        return self._move(BusinessStatus.CLOSED)

    def answers(self, at: datetime) -> bool:
        """Tell whether callers reach the business at that moment."""
        on_trial = self.trial_ends_at is None or at <= self.trial_ends_at
        return self.status == BusinessStatus.ACTIVE and on_trial

    def _move(self, new: BusinessStatus) -> Self:
        check_move(self.status, new)
        self.status = new
        return self


class ServiceCode(OfBusiness, Base):
    """What a caller keys to reach one business, or one brand of it."""

    __tablename__ = "service_code"
    __table_args__ = (
        CheckConstraint(
            "length(code) between 1 and 8 and substr(code, 1, 1) not in ('0', '2', '9')",
            name="form",
        ),
        UniqueConstraint("business_id", "id"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    brand: Mapped[str | None] = mapped_column(String(200))
    """The name a caller hears, where it is not the business's own."""
    dedicated_number: Mapped[str | None] = mapped_column(String(16), unique=True)
    """E.164; a call to it needs no code."""
    withdrawn_at: Mapped[datetime | None]
    """A withdrawn code no longer answers and is not given to anybody else."""
    business: Mapped[Business] = relationship(back_populates="service_codes")

    @property
    def spoken_name(self) -> str:
        """What a caller is told they have reached."""
        return self.brand or self.business.name

    def answers(self, at: datetime) -> bool:
        """Tell whether a caller who keys the code reaches somebody."""
        return (
            self.withdrawn_at is None and not self.business.is_canary and self.business.answers(at)
        )
