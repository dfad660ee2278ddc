"""Business days in both readings, and the frozen calendar beside a library's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.errors import DateError
from voiceline.rules.business_days import (
    FIRST_DAY,
    HOLIDAYS,
    LAST_DAY,
    WEEKENDS,
    Reading,
    add_business_days,
    holidays,
    skipped_holidays,
)

HOLIDAYS_OF = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-04 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-19 07-05 09-06 10-11 11-11 11-25 12-25",
}
ONLY_FEDERAL = {
    # Juneteenth was not California's yet
    date(2021, 6, 19),
    date(2022, 6, 20),
    # Juneteenth on a Sunday: that California moves it was not established
    date(2033, 6, 20),
    date(2039, 6, 20),
    date(2044, 6, 20),
    date(2050, 6, 20),
}
days = st.dates(FIRST_DAY, LAST_DAY - timedelta(days=120))
readings = st.sampled_from(list(Reading))


@pytest.mark.parametrize("year", HOLIDAYS_OF)
def test_the_holidays_of_a_year_are_these(year):
    known = {date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS_OF[year].split()}

    assert holidays(year) == known


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        (date(2027, 7, 4), False),
        (date(2027, 7, 5), True),
        (date(2026, 7, 3), False),
        (date(2027, 6, 18), False),
        (date(2027, 6, 19), True),
        (date(2027, 12, 24), False),
        (date(2027, 12, 25), True),
        (date(2027, 12, 31), False),
        (date(2028, 1, 1), True),
        (date(2028, 11, 10), False),
        (date(2028, 11, 11), True),
        (date(2022, 6, 20), False),
        (date(2023, 6, 19), True),
    ],
)
def test_a_sunday_holiday_moves_and_a_saturday_one_stays(day, is_holiday):
    assert (day in holidays(day.year)) == is_holiday


@pytest.mark.parametrize("day", ["02-12", "03-31", "04-24", "09-09", "09-25", "11-27"])
def test_a_holiday_of_one_calendar_alone_is_none(day):
    assert date.fromisoformat(f"2026-{day}") not in HOLIDAYS


def test_the_frozen_calendar_is_that_of_the_federal_reserve():
    library = pytest.importorskip("holidays", reason="the package `holidays` is not installed")

    theirs = set(library.FederalReserve(years=range(FIRST_DAY.year, LAST_DAY.year + 1)))

    assert theirs >= HOLIDAYS
    assert theirs - HOLIDAYS - {day for day in theirs if day.weekday() == 6} == ONLY_FEDERAL


def test_the_calendar_has_every_year_whole():
    years = {year: len(holidays(year)) for year in range(FIRST_DAY.year, LAST_DAY.year + 1)}

    assert (str(FIRST_DAY), str(LAST_DAY)) == ("2020-01-01", "2060-12-31")
    assert set(years.values()) == {10, 11}
    assert not {day for day in HOLIDAYS if day.weekday() == 6}


@given(days, st.integers(1, 60), readings)
def test_business_days_are_counted_one_by_one(start, count, reading):
    end = add_business_days(start, count, reading)

    between = [start + timedelta(days=number + 1) for number in range((end - start).days)]
    counted = [
        day
        for day in between
        if day.weekday() not in WEEKENDS[reading] and day not in holidays(day.year)
    ]
    assert len(counted) == count
    assert counted[-1] == end


@given(days, st.integers(1, 60))
def test_the_literal_reading_is_never_the_later(start, count):
    literal = add_business_days(start, count, Reading.LITERAL)

    assert literal <= add_business_days(start, count, Reading.CUSTOMARY)


@pytest.mark.parametrize(
    "start", [date(2019, 12, 31), LAST_DAY - timedelta(days=5), date(2061, 1, 1), date.max]
)
def test_a_day_past_the_calendar_is_refused(start):
    with pytest.raises(DateError, match="from 2020-01-01 to 2060-12-31"):
        add_business_days(start, 10)


def test_holidays_that_were_passed_over_can_be_named():
    start, end = date(2026, 6, 30), date(2026, 9, 7)

    literal = skipped_holidays(start, end, Reading.LITERAL)
    customary = skipped_holidays(start, end, Reading.CUSTOMARY)

    assert literal == [date(2026, 7, 4), date(2026, 9, 7)]
    assert customary == [date(2026, 9, 7)]
