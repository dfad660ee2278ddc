"""One right of a request: its dates and the rules they follow, its state, what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.due_dates import (
    Clock,
    Deadlines,
    Due,
    from_record,
    read_dates,
    to_record,
    write_dates,
)
from voiceline.rules.lifecycle import RightStatus, check_move
from voiceline.rules.outcomes import DUE, OPEN, Task, must_tell
from voiceline.rules.rights import Right, RightSource

if TYPE_CHECKING:
    from voiceline.models.request import PrivacyRequest  # noqa: TC004 - found by its name

IN_ORDER: Any = ordering_list("number", count_from=1)
"""What numbers a request's rights as they are added."""

_STILL_ASKED = OPEN | {RightStatus.COMPLETED}


class RequestedRight(OfBusiness, Base):
    """One right a request asks for, with its own dates, state and answer.

    `right` is None until somebody names it: the caller by a key, or a clerk who listened.
    """

    __tablename__ = "requested_right"
    __table_args__ = (UniqueConstraint("request_id", "right"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    number: Mapped[int] = mapped_column(default=0, server_default="0")
    """Its place among the request's rights, in the order they were asked for; counted from 1."""
    right: Mapped[Right | None]
    source: Mapped[RightSource | None]
    status: Mapped[RightStatus] = mapped_column(default=RightStatus.OPEN)
    acknowledge_by: Mapped[date | None]
    respond_by: Mapped[date]
    """The first date; it stays what it was when the answer is extended."""
    due_by: Mapped[date]
    """The date in force: the first, that of an extension that was told, or that of an appeal."""
    rule: Mapped[str] = mapped_column(String(100))
    """Rule id and table version: the dates never move when the table does."""
    due_records: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """For each clock, all of the date as `to_record` wrote it; None on requests of before.

    Lists do without; what reads one request asks for it.
    """
    extended_by: Mapped[date | None]
    extended_at: Mapped[datetime | None]
    """When it was written down; it is in force once the consumer was told in time."""
    extended_told_on: Mapped[date | None]
    """None: nobody told the consumer, or not by the first date."""
    extended_because: Mapped[str | None] = mapped_column(Text)
    deferred_because: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None]
    done: Mapped[str | None] = mapped_column(Text)
    """What was done, in the clerk's words."""
    not_done: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)
    """Why not, as `denials.to_records` wrote it: codes, citations, explanations."""
    controller: Mapped[str | None] = mapped_column(String(300))
    """Whom the consumer was told to ask instead."""
    appeal_by: Mapped[date | None]
    """Until when the consumer may appeal; None where the law gives no appeal."""
    tell_by: Mapped[date | None]
    """Until when the consumer is to be told what was decided; None where that is not owed."""
    told_on: Mapped[date | None]
    """When the consumer was told the answer: until then it counts for nothing."""
    request: Mapped[PrivacyRequest] = relationship(back_populates="rights")

    @property
    def is_due(self) -> bool:
        """Whether an answer, or a decision on an appeal, is owed."""
        return self.status in DUE

    @property
    def has_own_date(self) -> bool:
        """Whether an answer is owed, and not by the date of an appeal."""
        return self.status in OPEN and not self.is_reopened_by_appeal

    @property
    def is_reopened_by_appeal(self) -> bool:
        """Whether it is due when the decision was, in place of a date of its own."""
        return self.status in OPEN and self.due_by not in {self.respond_by, self.extended_by}

    @property
    def is_granted(self) -> bool:
        """Whether the law knew the right on the day it was asked for."""
        due = self.due(Clock.RESPOND)
        return due is None or due.is_granted

    def date_by(self, dates: Deadlines) -> None:
        """Take these dates, with their rules and both readings."""
        self.acknowledge_by, self.respond_by = dates.acknowledge_by, dates.respond_by
        self.due_by, self.rule = dates.respond_by, dates.rule
        self.due_records = write_dates(dates)

    def due(self, clock: Clock) -> Due | None:
        """Answer the date of that clock as it was found, or None where there is none."""
        record = (self.due_records or {}).get(clock)
        return from_record(record) if record else None

    def dates(self) -> Deadlines | None:
        """Answer the stored dates; None for a request filed before they were kept in full."""
        records = self.due_records or {}
        return read_dates(records) if Clock.RESPOND in records else None

    def keep_due(self, due: Due) -> None:
        """Keep one more date beside those there are."""
        self.due_records = {**(self.due_records or {}), due.rule.clock.value: to_record(due)}

    @property
    def first_by(self) -> date:
        """Until when the consumer must be told of an extension."""
        return self.respond_by

    @property
    def answer_by(self) -> date:
        """The date in force of the answer: the later one once the consumer was told of it."""
        later = self.extended_by if self.extended_told_on else None
        return later or self.respond_by

    def task(self, received_on: date) -> tuple[date, Task] | None:
        """Answer what is owed next about the right, and by when; None where nothing is."""
        if not self.is_due or (self.tell_by and self.tell_by < self.due_by):
            return (self.tell_by, Task.TELL) if self.tell_by else None
        if self.right is None:
            opt_out = deadlines_for(Right.OPT_OUT, received_on)
            return min(opt_out.respond_by, self.due_by), Task.NAME
        return self.due_by, Task.DECIDE if self.status == RightStatus.APPEALED else Task.ANSWER

    def extend(self, due: Due, *, because: str, told_on: date | None, at: datetime) -> None:
        """Keep the later date, and why; it is in force once the consumer was told."""
        self.keep_due(due)
        self.extended_by, self.extended_at, self.extended_because = due.by, at, because
        self.tell_extension(told_on)

    def tell_extension(self, told_on: date | None) -> None:
        """Note when the consumer was told of the later date, or that they were not after all.

        The date of an appeal stays, and that of what an appeal reopened.
        """
        is_own = self.due_by in {self.respond_by, self.extended_by}
        self.extended_told_on = told_on
        if is_own and self.status != RightStatus.APPEALED:
            self.due_by = self.answer_by
            if self.tell_by and self.told_on is None:
                self.tell_by = self.due_by

    def tell(self, on: date) -> None:
        """Note that the consumer was told what was decided; of an answer, the first day counts."""
        self.tell_by, self.told_on = None, self.told_on or on

    def move(self, new: RightStatus, at: datetime) -> None:
        """Take the step if the table allows it; an appeal leaves the day of the answer alone."""
        check_move(self.status, new)
        untold = self.tell_by if self.status in OPEN else None
        self.status = new
        if new in OPEN:
            self.finished_at = self.told_on = None
        elif self.finished_at is None:
            self.finished_at = at
        if must_tell(self.right, new):
            self.tell_by = self.due_by
        else:
            # a decision that reopened it is still to be told, unless nobody asks any more
            self.tell_by = untold if new in _STILL_ASKED else None

    def forget_answer(self) -> None:
        """Be without an answer again; the history keeps what it was."""
        self.done = self.not_done = self.reasons = self.controller = self.appeal_by = None
        self.deferred_because = None
