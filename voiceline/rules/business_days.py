"""Business days, counted in both readings of a word that the CCPA does not define.

Civil Code 7 and 9 make every day one that is neither a Sunday nor a holiday: read literally,
Saturdays count. Everybody else means Monday to Friday. The holidays are those that are both
federal (5 U.S.C. 6103) and Californian (Gov. Code 6700, 6701): one of a single calendar would
make a date later than the other allows. They are frozen in holidays.toml, so that no library's
update moves a date.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from enum import StrEnum
from functools import cache

from voiceline.errors import DateError
from voiceline.rules.tables import read_table

SATURDAY, SUNDAY = 5, 6


class Reading(StrEnum):
    """What a business day is."""

    LITERAL = "literal"
    """As the Civil Code says: Saturday is one."""
    CUSTOMARY = "customary"
    """Monday to Friday."""


WEEKENDS = {
    Reading.LITERAL: frozenset({SUNDAY}),
    Reading.CUSTOMARY: frozenset({SATURDAY, SUNDAY}),
}

HOLIDAYS = frozenset(day for days in read_table("holidays")["years"].values() for day in days)
"""The days on which nobody need act, weekends aside."""

FIRST_DAY = date(min(HOLIDAYS).year, 1, 1)
LAST_DAY = date(max(HOLIDAYS).year, 12, 31)
"""The calendar knows the holidays between these."""


def holidays(year: int) -> frozenset[date]:
    """Answer the holidays of a year; none for a year that the calendar does not know."""
    return frozenset(day for day in HOLIDAYS if day.year == year)


def add_business_days(start: date, count: int, reading: Reading = Reading.LITERAL) -> date:
    """Answer the `count`th business day after `start`, or raise DateError past the calendar."""
    if not FIRST_DAY <= start <= LAST_DAY:
        raise _beyond(start)
    days = _business_days(reading)
    place = bisect_right(days, start.toordinal()) + count - 1
    if place >= len(days):
        raise _beyond(start)
    return date.fromordinal(days[place])


def skipped_holidays(start: date, end: date, reading: Reading) -> list[date]:
    """Answer the holidays after `start` and until `end` that would else have counted."""
    weekend = WEEKENDS[reading]
    return sorted(day for day in HOLIDAYS if start < day <= end and day.weekday() not in weekend)


def _beyond(day: date) -> DateError:
    return DateError(
        f"Business days cannot be counted from {day}: our calendar of holidays reaches from "
        f"{FIRST_DAY} to {LAST_DAY}."
    )


@cache
def _business_days(reading: Reading) -> list[int]:
    """Answer every business day of the calendar as its ordinal, in order."""
    weekend = WEEKENDS[reading]
    return [
        number
        for number in range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1)
        if (day := date.fromordinal(number)).weekday() not in weekend and day not in HOLIDAYS
    ]
