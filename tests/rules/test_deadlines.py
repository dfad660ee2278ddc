"""The dates the law sets, against vectors that were worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.deadlines import (
    DEFAULT_TIME_ZONE,
    SUNDAY,
    add_business_days,
    deadlines_for,
    holidays,
    received_on,
)
from voiceline.rules.rights import WITHOUT_VERIFICATION, Right

VECTORS = """
    2026-06-22 2026-07-03 2026-07-10 2026-08-06
    2026-10-02 2026-10-15 2026-10-21 2026-11-16
    2026-11-02 2026-11-14 2026-11-20 2026-12-17
    2026-11-10 2026-11-23 2026-11-30 2026-12-25
    2026-11-20 2026-12-03 2026-12-09 2027-01-04
    2026-11-21 2026-12-04 2026-12-10 2027-01-05
    2026-11-25 2026-12-08 2026-12-14 2027-01-09
    2026-12-18 2026-12-31 2027-01-07 2027-02-01
    2026-12-23 2027-01-06 2027-01-12 2027-02-06
    2026-12-31 2027-01-13 2027-01-20 2027-02-14
    2027-01-14 2027-01-27 2027-02-02 2027-02-28
    2027-06-11 2027-06-24 2027-06-30 2027-07-26
    2028-01-15 2028-01-28 2028-02-03 2028-02-29
"""
"""Received; acknowledge by; act on an opt-out by; answer by. Saturdays count as business days."""

HOLIDAYS_2026 = """
    2026-01-01 2026-01-19 2026-02-16 2026-05-25 2026-06-19 2026-07-04
    2026-09-07 2026-10-12 2026-11-11 2026-11-26 2026-12-25
"""
rows = pytest.mark.parametrize(
    "row", [line.split() for line in VECTORS.split("\n") if line.strip()], ids=lambda row: row[0]
)
days = st.dates(date(2020, 1, 1), date(2060, 12, 31))


@rows
@pytest.mark.parametrize(
    "right", [None, *(right for right in Right if right not in WITHOUT_VERIFICATION)]
)
def test_most_rights_have_ten_business_and_45_days(row, right):
    received, acknowledge, _, respond = map(date.fromisoformat, row)

    dates = deadlines_for(right, received)

    assert (dates.acknowledge_by, dates.respond_by) == (acknowledge, respond)
    assert dates.rule.startswith(f"us-ca/{right or 'unstated'}/45-days@")


@rows
@pytest.mark.parametrize("right", sorted(WITHOUT_VERIFICATION))
def test_an_opt_out_has_fifteen_business_days(row, right):
    received, _, act, _ = map(date.fromisoformat, row)

    dates = deadlines_for(right, received)

    assert (dates.acknowledge_by, dates.respond_by) == (None, act)
    assert dates.rule.startswith(f"us-ca/{right}/15-business-days@")


def test_the_holidays_of_a_year_are_these():
    assert holidays(2026) == {date.fromisoformat(day) for day in HOLIDAYS_2026.split()}


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        (date(2027, 7, 4), False),
        (date(2027, 7, 5), True),
        (date(2027, 12, 24), False),
        (date(2027, 12, 25), True),
        (date(2028, 1, 1), True),
        (date(2027, 12, 31), False),
        (date(2027, 6, 18), False),
        (date(2027, 6, 19), True),
    ],
)
def test_a_sunday_holiday_moves_and_a_saturday_one_stays(day, is_holiday):
    assert (day in holidays(day.year)) == is_holiday


@given(days, st.integers(1, 60))
def test_business_days_are_counted_one_by_one(start, count):
    end = add_business_days(start, count)

    between = [start + timedelta(days=number + 1) for number in range((end - start).days)]
    counted = [day for day in between if day.weekday() != SUNDAY and day not in holidays(day.year)]
    assert len(counted) == count
    assert counted[-1] == end


@given(days, st.sampled_from([None, *Right]))
def test_no_deadline_is_before_its_day(received, right):
    dates = deadlines_for(right, received)

    assert dates.respond_by > received
    assert dates.acknowledge_by is None or received < dates.acknowledge_by < dates.respond_by


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 7, 59, 59, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 20, 8, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), date(2026, 11, 1)),
    ],
    ids=["before midnight", "midnight", "before in summer", "in summer", "the long night"],
)
def test_a_day_begins_where_the_business_is(moment, day):
    assert received_on(moment, DEFAULT_TIME_ZONE) == day
