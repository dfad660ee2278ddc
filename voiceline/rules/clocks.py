"""When a clock is to be believed: what deletes by age asks here first.

A clock that is set wrong by two years would delete in a minute what was promised for one, and no
later correction brings it back. So nothing is deleted by a clock in doubt (reliability.md 54).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

APART = timedelta(minutes=5)
"""How far two clocks that are kept by the same time may be from one another."""

LEAP = timedelta(days=3)
"""How long a line may stand still, a weekend, before its clock must be confirmed by a person."""


class Doubt(StrEnum):
    """Why a clock is not believed."""

    APART = "apart"
    """The database's clock and the process's say different things: one of them is wrong."""
    BEHIND = "behind"
    """The database's clock is before a moment that it showed already."""
    LEAPT = "leapt"
    """It is days later than it was: the line stood still, or the clock was set wrong."""


DOUBT_WORDS = {
    Doubt.APART: "The two clocks say different things, so one of them is wrong.",
    Doubt.BEHIND: "The database's clock is before a moment that it showed already.",
    Doubt.LEAPT: "The database's clock is days later than it was: nothing ran, or it is wrong.",
}


def doubt(database: datetime, process: datetime, seen: datetime | None) -> Doubt | None:
    """Answer why the database's clock is not believed, or None; `seen` is what it last showed."""
    if abs(database - process) > APART:
        return Doubt.APART
    if seen is not None and database < seen:
        return Doubt.BEHIND
    if seen is not None and database > seen + LEAP:
        return Doubt.LEAPT
    return None


def is_alarming(found: Doubt, database: datetime, seen: datetime | None) -> bool:
    """Tell whether somebody must look: a step back of seconds is over before anybody could."""
    return found != Doubt.BEHIND or seen is None or seen - database > APART
