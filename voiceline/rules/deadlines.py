"""The dates the law sets for a request (law.md 1.3; California's figures for everybody so far).

A day of receipt is a local date of the business, it is not counted, and nothing rolls forward.
"Business day" is undefined in the CCPA: Civil Code 7 and 9 read literally make Saturday one, so
the literal reading falls earlier and is the one shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_VERSION = "2026-11-21"
DEFAULT_TIME_ZONE = "America/Los_Angeles"

RESPOND_DAYS = 45
"""Calendar days to answer: Civil Code 1798.130(a)(2)(A), 11 CCR 7021(b)."""

OPT_OUT_BUSINESS_DAYS = 15
"""Business days to act on an opt-out or limit: 11 CCR 7026(f), 7027(g)."""

ACKNOWLEDGE_BUSINESS_DAYS = 10
"""Business days to confirm receipt of a request to know, delete or correct: 11 CCR 7021(a)."""

MONDAY, THURSDAY, SUNDAY = 0, 3, 6


@dataclass(frozen=True)
class Deadlines:
    """The dates of one right, with the rule they come from."""

    acknowledge_by: date | None
    """None where the law asks for no acknowledgement (opt-out, limit)."""
    respond_by: date
    rule: str
    """Rule id and table version, stored with the dates: they never move when the table does."""


def received_on(received_at: datetime, time_zone: str) -> date:
    """Answer the local date on which the consumer finished speaking or sending."""
    return received_at.astimezone(ZoneInfo(time_zone)).date()


def deadlines_for(right: Right | None, received: date) -> Deadlines:
    """Answer the dates for a right; None is a right nobody has named yet."""
    if right in {Right.OPT_OUT, Right.LIMIT}:
        return Deadlines(
            acknowledge_by=None,
            respond_by=add_business_days(received, OPT_OUT_BUSINESS_DAYS),
            rule=f"us-ca/{right}/15-business-days@{TABLE_VERSION}",
        )
    return Deadlines(
        acknowledge_by=add_business_days(received, ACKNOWLEDGE_BUSINESS_DAYS),
        respond_by=received + timedelta(days=RESPOND_DAYS),
        rule=f"us-ca/{right or 'unstated'}/45-days@{TABLE_VERSION}",
    )


def add_business_days(start: date, count: int) -> date:
    """Count forward `count` days that are neither Sundays nor holidays, `start` excluded."""
    day = start
    while count:
        day += timedelta(days=1)
        if day.weekday() != SUNDAY and day not in holidays(day.year):
            count -= 1
    return day


def holidays(year: int) -> frozenset[date]:
    """Days both federal (5 U.S.C. 6103) and Californian (Gov. Code 6700, 6701).

    Only the intersection: a holiday of one calendar alone would make a date later. A holiday on
    Sunday moves to Monday; one on Saturday does not move to Friday.
    """
    return frozenset(_holidays(year))


def _holidays(year: int) -> Iterator[date]:
    for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
        fixed = date(year, month, day)
        yield fixed + timedelta(days=1) if fixed.weekday() == SUNDAY else fixed
    yield _nth(year, 1, MONDAY, 3)
    yield _nth(year, 2, MONDAY, 3)
    yield _nth(year, 6, MONDAY, 1) - timedelta(days=7)
    yield _nth(year, 9, MONDAY, 1)
    yield _nth(year, 10, MONDAY, 2)
    yield _nth(year, 11, THURSDAY, 4)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
