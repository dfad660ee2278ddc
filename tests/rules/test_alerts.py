"""When colleagues are told: the days before a date, the hours of a morning, clocks that change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from voiceline.rules.alerts import DAYS_LEFT, Stage, next_round, round_day, stage_of, window

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WEST = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("left", "stage"),
    [
        (11, None),
        (10, Stage.TEN),
        (6, Stage.TEN),
        (5, Stage.FIVE),
        (3, Stage.FIVE),
        (2, Stage.TWO),
        (0, Stage.TWO),
        (-1, Stage.OVERDUE),
        (-400, Stage.OVERDUE),
    ],
)
def test_stage_is_the_nearest_that_holds(left, stage):
    assert stage_of(TODAY + left * DAY, TODAY) == stage


@pytest.mark.parametrize("left", range(-3, 13))
def test_windows_are_the_stages(left):
    due_by = TODAY + left * DAY

    found = [
        stage
        for stage in DAYS_LEFT
        for first, last in [window(stage, TODAY)]
        if (first is None or first <= due_by) and due_by <= last
    ]

    assert found == [stage for stage in [stage_of(due_by, TODAY)] if stage]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), TODAY),
        (datetime(2026, 11, 24, 1, 59, tzinfo=UTC), TODAY),
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), None),
    ],
)
def test_round_has_its_hours(at, day):
    assert round_day(at, WEST) == day


@pytest.mark.parametrize(
    ("at", "then"),
    [
        (datetime(2026, 11, 23, 15, 0, tzinfo=UTC), datetime(2026, 11, 23, 16, tzinfo=UTC)),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), datetime(2026, 11, 24, 16, tzinfo=UTC)),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC)),
        (datetime(2027, 3, 13, 20, 0, tzinfo=UTC), datetime(2027, 3, 14, 15, tzinfo=UTC)),
    ],
)
def test_next_round_is_at_eight_by_the_local_clock(at, then):
    assert next_round(at, WEST) == then
