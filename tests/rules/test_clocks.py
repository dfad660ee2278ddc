"""A clock in doubt deletes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from voiceline.rules.clocks import APART, LEAP, Doubt, doubt, is_alarming

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
YEARS = timedelta(days=730)


@pytest.mark.parametrize(
    ("database", "process", "seen", "found"),
    [
        (AT, AT, None, None),
        (AT, AT, AT, None),
        (AT, AT + APART, AT - SECOND, None),
        (AT, AT - APART, AT - SECOND, None),
        (AT, AT + APART + SECOND, AT, Doubt.APART),
        (AT, AT - APART - SECOND, AT, Doubt.APART),
        (AT, AT, AT + SECOND, Doubt.BEHIND),
        (AT, AT, AT - LEAP, None),
        (AT, AT, AT - LEAP - SECOND, Doubt.LEAPT),
        (AT + YEARS, AT + YEARS, AT, Doubt.LEAPT),
        (AT - YEARS, AT - YEARS, AT, Doubt.BEHIND),
        (AT + YEARS, AT, AT, Doubt.APART),
    ],
)
def test_why_a_clock_is_not_believed(database, process, seen, found):
    assert doubt(database, process, seen) == found


def test_a_step_back_of_seconds_alarms_nobody():
    steps = [SECOND, APART, APART + SECOND]

    alarming = [is_alarming(Doubt.BEHIND, AT, AT + step) for step in steps]

    assert alarming == [False, False, True]
