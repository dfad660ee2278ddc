"""A consumer's appeal against what was answered, with the clock of the decision."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.right import RequestedRight
from voiceline.rules.due_dates import read_dates, write_dates
from voiceline.rules.lifecycle import AppealStatus, RightStatus, check_move

if TYPE_CHECKING:
    from voiceline.rules.due_dates import Deadlines, Due


class Appeal(OfBusiness, Base):
    """One appeal against the answer to one right."""

    __tablename__ = "appeal"
    __table_args__ = (
        Index(
            "ix_appeal_open",
            "right_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
        Index(None, "request_id", "received_on"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    right_id: Mapped[UUID] = mapped_column(ForeignKey("requested_right.id"), index=True)
    status: Mapped[AppealStatus] = mapped_column(default=AppealStatus.OPEN)
    against: Mapped[RightStatus]
    """What the right was when the consumer appealed, and is again if the answer stands."""
    received_on: Mapped[date]
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    decide_by: Mapped[date]
    rule: Mapped[str] = mapped_column(String(100))
    due_records: Mapped[dict[str, Any]] = mapped_column(JSON)
    """For each clock, all of the date as `to_record` wrote it."""
    extended_by: Mapped[date | None]
    extended_told_on: Mapped[date | None]
    extended_because: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    because: Mapped[str | None] = mapped_column(Text)
    """Why it was decided so, in the words that the consumer is told."""
    right: Mapped[RequestedRight] = relationship()

    def date_by(self, dates: Deadlines) -> None:
        """Take these dates, with their rules."""
        self.decide_by, self.rule = dates.respond_by, dates.rule
        self.due_records = write_dates(dates)

    def dates(self) -> Deadlines:
        """Answer the stored dates of the decision."""
        return read_dates(self.due_records)

    def extend(self, due: Due, *, because: str, told_on: date | None) -> None:
        """Keep the later date, and why; it is in force once the consumer was told."""
        self.extended_by, self.extended_because = due.by, because
        self.tell_extension(told_on)

    def tell_extension(self, told_on: date | None) -> None:
        """Note when the consumer was told of the later date, or that they were not after all."""
        self.extended_told_on = told_on
        if self.status == AppealStatus.OPEN:
            self.right.due_by = self.in_force_by
        elif self.stands_untold:
            self.right.tell_by = self.in_force_by

    @property
    def stands(self) -> bool:
        """Whether it is what decided the answer that there is: nothing was answered since."""
        answered_at = self.right.finished_at
        if self.status != AppealStatus.UPHELD or self.right.status != self.against:
            return False
        return answered_at is not None and answered_at <= self.noted_at

    @property
    def stands_untold(self) -> bool:
        """Whether it decided so, and the consumer is still to be told."""
        return self.stands and self.right.tell_by is not None

    def forget_extension(self) -> None:
        """Be as before the extension: it was undone."""
        self.extended_by = self.extended_because = None
        self.tell_extension(None)

    @property
    def first_by(self) -> date:
        """Until when the consumer must be told of an extension."""
        return self.decide_by

    @property
    def in_force_by(self) -> date:
        """The date of the decision: the later one once the consumer was told of it."""
        later = self.extended_by if self.extended_told_on else None
        return later or self.decide_by

    def end(self, new: AppealStatus, *, because: str | None, at: datetime, by: UUID) -> None:
        """Decide it, or note that the consumer no longer appeals."""
        check_move(self.status, new)
        self.status, self.because = new, because
        self.decided_at, self.decided_by_id = at, by

    def resume(self) -> None:
        """Be open again: the decision was undone."""
        self.status = AppealStatus.OPEN
        self.because = self.decided_at = self.decided_by_id = None
