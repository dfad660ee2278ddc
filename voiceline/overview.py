"""How a business's work stands, as the database counts it: what came, what is due, how fast.

Three statements, each over one index or the rollup; no row of a request is read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from voiceline.models import PrivacyRequest, RequestRecord, RequestTally
from voiceline.rules.metrics import NOT_NAMED, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

WEEKS_BACK = 26
WEEKS_AHEAD = 8
WEEK = timedelta(days=7)
BANDS = ((0, 10), (11, 20), (21, 30), (31, 45), (46, 90), (91, None))
"""Days to an answer: half the bands lie within the 45 days most laws give."""

ANSWERS = (Outcome.COMPLIED, Outcome.PARTLY, Outcome.DENIED)


@dataclass(frozen=True)
class Week:
    """One week from its Monday, and how many fell into it, by name."""

    monday: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many there were in all."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Due:
    """What is owed: overdue, in each of the next weeks, and later."""

    overdue: int
    weeks: Sequence[Week]
    later: int

    @property
    def total(self) -> int:
        """How many requests owe something."""
        return self.overdue + sum(week.total for week in self.weeks) + self.later


def received_by_week(session: Session, business_id: UUID, today: date) -> list[Week]:
    """Answer how many rights were asked for in each of the last 26 weeks, this one included.

    By the day of receipt; `not_named` counts what nobody has named yet.
    """
    first = _monday(today) - (WEEKS_BACK - 1) * WEEK
    record = RequestRecord
    rows = session.execute(
        select(record.received_on, record.right, func.count())
        .where(record.business_id == business_id, record.received_on >= first)
        .group_by(record.received_on, record.right)
    )
    counts: dict[date, Counter[str]] = {first + n * WEEK: Counter() for n in range(WEEKS_BACK)}
    for day, right, count in rows:
        week = counts.get(_monday(day))
        if week is not None:  # a clock ahead of ours is no reason to fail
            week[right.value if right else NOT_NAMED] += count
    return [Week(monday, found) for monday, found in counts.items()]


def days_to_answer(session: Session, business_id: UUID, years: Sequence[int]) -> list[int]:
    """Answer how many answers took so many days, a number for each of BANDS."""
    tally = RequestTally
    rows = session.execute(
        select(tally.days, func.sum(tally.count))
        .where(
            tally.business_id == business_id,
            tally.year.in_(years),
            tally.outcome.in_(ANSWERS),
        )
        .group_by(tally.days)
    ).all()
    return [
        sum(int(count) for days, count in rows if first <= days and (last is None or days <= last))
        for first, last in BANDS
    ]


def due_by_week(session: Session, business_id: UUID, today: date) -> Due:
    """Answer how many requests owe something by each week; the rest of this one is the first."""
    found = PrivacyRequest
    rows = session.execute(
        select(found.watch_by, func.count())
        .where(found.business_id == business_id, found.watch_by.is_not(None))
        .group_by(found.watch_by)
    ).all()
    monday = _monday(today)
    weeks = {monday + n * WEEK: 0 for n in range(WEEKS_AHEAD)}
    overdue = later = 0
    for day, count in rows:
        if day is None:
            continue
        if day < today:
            overdue += count
        elif _monday(day) in weeks:
            weeks[_monday(day)] += count
        else:
            later += count
    return Due(overdue, [Week(day, {"due": count}) for day, count in weeks.items()], later)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
