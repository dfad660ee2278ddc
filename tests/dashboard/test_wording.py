from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from factories import AT

from voiceline.dashboard import wording
from voiceline.models import Channel, EventKind, Role
from voiceline.rules.retention import AccountTier

LOS_ANGELES = "America/Los_Angeles"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 11, 21, 18, 3, tzinfo=UTC), "21 Nov 2026, 10:03 PST"),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), "30 Jun 2026, 23:59 PDT"),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "1 Nov 2026, 01:30 PST"),
    ],
)
def test_moments_are_the_businesss(at, said):
    assert wording.moment(at, LOS_ANGELES) == said


def test_dates_have_no_leading_zero():
    assert wording.day(date(2026, 12, 3)) == "3 Dec 2026"


def test_late_in_the_evening_no_day_more_is_said_than_is_left(monkeypatch):
    late = datetime(2026, 11, 22, 7, 52, tzinfo=UTC)
    monkeypatch.setattr(wording, "now", lambda: late)

    said = wording.to_come(late + timedelta(days=180), LOS_ANGELES)  # an hour later there, in May

    assert said == "in 180 days"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=-30), "now"),
        (timedelta(hours=3), "today"),
        (timedelta(hours=15), "tomorrow"),
        (timedelta(days=12), "in 12 days"),
        (timedelta(days=12, hours=15), "in 13 days"),
        (timedelta(days=3, hours=-10), "in 3 days"),
    ],
)
def test_days_to_come_are_the_businesss(left, said, monkeypatch):
    monkeypatch.setattr(wording, "now", lambda: AT)

    assert wording.to_come(AT + left, LOS_ANGELES) == said


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=23), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=59), "59 days ago"),
        (timedelta(days=60), "2 months ago"),
    ],
)
def test_past_is_said_roughly(app, clock, passed, said):
    with app.app_context():
        assert wording.ago(clock.at - passed) == said


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [(None, "0:00"), (1, "0:01"), (42_000, "0:42"), (60_001, "1:01"), (600_000, "10:00")],
)
def test_duration_counts_begun_seconds(milliseconds, said):
    assert wording.duration(milliseconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [("+14155550123", "+1 415 555 0123"), ("+442079460958", "+442079460958"), ("+1415", "+1415")],
)
def test_numbers_are_grouped_where_we_know_how(number, said):
    assert wording.phone(number) == said


@pytest.mark.parametrize(
    ("names", "enum"),
    [
        (wording.HAPPENED, EventKind),
        (wording.CHANNELS, Channel),
        (wording.PLANS, AccountTier),
        (wording.ROLES, Role),
    ],
)
def test_everything_has_a_name(names, enum):
    assert set(names) == set(enum)


def test_local_date_is_not_the_utc_date():
    assert wording.local_date(AT.replace(hour=2), LOS_ANGELES) == date(2026, 11, 20)
