"""How long a trial still lasts, and when that is worth a line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

TOLD_FOR_DAYS = 7
"""The last days of a trial, in which the inbox tells of its end."""


def trial_days_left(ends_at: datetime | None, at: datetime) -> int | None:
    """Answer the days that are left, a begun one counted whole; 0: it is over, None: no trial."""
    if ends_at is None:
        return None
    return max(0, -((at - ends_at) // timedelta(days=1)))


def tells_of_end(ends_at: datetime | None, at: datetime) -> bool:
    """Tell whether the trial's end is near enough, or past, to be told unasked."""
    left = trial_days_left(ends_at, at)
    return left is not None and left <= TOLD_FOR_DAYS
