"""One canary call: the moment of each step it proved, and nothing of what was said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id
from voiceline.rules.canary import CanaryOutcome, CanaryStep, Judged


class CanaryCall(Base):
    """A call we placed ourselves to prove that the line works; it belongs to no business."""

    __tablename__ = "canary_call"
    __table_args__ = (
        Index(None, "placed_at"),
        Index(None, "number", "placed_at"),
        Index("ix_canary_call_code", "code"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(16))
    """The number of ours that was called."""
    from_number: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(8))
    """What this call alone keys; nobody else knows it before, and it is worth nothing after."""
    carrier_id: Mapped[str | None] = mapped_column(String(64))
    """The CallSid of our end; None while nobody knows whether the carrier placed the call."""
    call_carrier_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The CallSid at the line's end: the first call that keyed the code."""
    placed_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    code_at: Mapped[datetime | None]
    greeting_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None]
    callback_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]
    filed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    transcribed_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """When all that the call left was taken away: audio, draft, request."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the audio, as the store answered it."""
    outcome: Mapped[CanaryOutcome | None]
    """None while the call is under way."""
    failed_step: Mapped[CanaryStep | None]
    reason: Mapped[str | None] = mapped_column(String(200))

    def moment(self, step: CanaryStep) -> datetime | None:
        """Answer when the step was proven."""
        found: datetime | None = getattr(self, f"{step.value}_at")
        return found

    def prove(self, step: CanaryStep, at: datetime | None) -> None:
        """Write down when a step was proven; the first word of it stays."""
        if at is not None and self.moment(step) is None:
            setattr(self, f"{step.value}_at", at)

    def judge(
        self,
        outcome: CanaryOutcome,
        at: datetime,
        *,
        step: CanaryStep | None = None,
        reason: str | None = None,
    ) -> None:
        """End the call; a judged one is not judged again."""
        if self.outcome is not None:
            raise ValueError("the canary call was judged before")
        self.outcome, self.judged_at, self.failed_step = outcome, at, step
        self.reason = reason[:200] if reason else None

    @property
    def judged(self) -> Judged:
        """What the next call wants to know of this one."""
        return Judged(self.placed_at, self.outcome, self.failed_step)
