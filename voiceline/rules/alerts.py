"""When colleagues are told, and of what: the days before a date, the hour, who is told unasked.

Dates and hours are those of the business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MORNING = time(8)
"""When the day's round is made, by the clock of the business."""

LATEST = time(18)
"""A round that was missed is not made up for after this: the next morning is sooner."""

FRIDAY, SATURDAY = 4, 5

NEVER_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""When the first round of a business is due: at once."""


class Stage(StrEnum):
    """How near a date is."""

    TEN = "10_days"
    FIVE = "5_days"
    TWO = "2_days"
    OVERDUE = "overdue"


DAYS_LEFT = {Stage.OVERDUE: -1, Stage.TWO: 2, Stage.FIVE: 5, Stage.TEN: 10}
"""The most days left at which it is raised; nearest first."""


@dataclass(frozen=True)
class Wanted:
    """Which of the messages somebody is sent."""

    at_once: bool
    daily: bool
    friday: bool
    deadlines: bool
    unassigned: bool
    assigned: bool
    """What a colleague gives them to work on."""
    expiring: bool
    """Voicemails that are about to go."""


NOTHING = Wanted(
    at_once=False,
    daily=False,
    friday=False,
    deadlines=False,
    unassigned=False,
    assigned=False,
    expiring=False,
)
UNASKED = replace(
    NOTHING, daily=True, deadlines=True, unassigned=True, assigned=True, expiring=True
)
"""What who works on requests is sent without having chosen: a morning's work, not every ring."""


def stage_of(due_by: date, today: date) -> Stage | None:
    """Answer how near the date is, or None while it is far off."""
    left = (due_by - today).days
    return next((stage for stage, most in DAYS_LEFT.items() if left <= most), None)


def window(stage: Stage, today: date) -> tuple[date | None, date]:
    """Answer the first and the last due date that are that near today; None: any of before."""
    stages = list(DAYS_LEFT)
    last = today + timedelta(days=DAYS_LEFT[stage])
    if stage == Stage.OVERDUE:
        return None, last
    nearer = DAYS_LEFT[stages[stages.index(stage) - 1]]
    return today + timedelta(days=nearer + 1), last


def round_day(at: datetime, zone: str) -> date | None:
    """Answer the day whose round may be made at that moment, or None outside of its hours."""
    local = at.astimezone(ZoneInfo(zone))
    return local.date() if MORNING <= local.time() < LATEST else None


def next_round(at: datetime, zone: str) -> datetime:
    """Answer the first morning after that moment."""
    local = at.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(zone)).astimezone(UTC)
