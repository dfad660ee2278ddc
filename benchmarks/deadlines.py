"""The due dates of 100,000 requests, as the rules find them: no database, one core."""

from __future__ import annotations

import statistics
import time
from datetime import date, timedelta
from itertools import cycle, islice
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from voiceline.rules.business_days import HOLIDAYS
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REQUESTS = 100_000
ROUNDS = 3
FIRST = date(2026, 1, 1)
RIGHTS = (None, Right.DELETE, Right.KNOW_SPECIFIC, Right.OPT_OUT, Right.CORRECT, Right.LIMIT)
LAWS = (None, "US-CA", "US-VA", "EU", "US-CA")


def measure(_folder: Path) -> list[Figure]:
    """Find all dates of a year of requests, and count California's days one by one beside it."""
    received = [FIRST + timedelta(days=number % 365) for number in range(REQUESTS)]
    asked = list(zip(cycle(RIGHTS), islice(cycle(LAWS), REQUESTS), received, strict=False))
    ours, plain = [], []
    for _ in range(ROUNDS):
        ours.append(_time(lambda: [deadlines_for(right, day, law) for right, law, day in asked]))
        plain.append(_time(lambda: [_count_plainly(day) for day in received]))
    seconds, reference = statistics.median(ours), statistics.median(plain)
    against = f"10 business days counted one by one, both readings: {reference:.2f} s"
    return [
        Figure(f"due dates of {REQUESTS:,} requests", seconds, "s", against, at_most=2),
        Figure("due dates / one count, day by day", seconds / reference, "x", against),
    ]


def _count_plainly(start: date) -> list[date]:
    """Count as on one's fingers, without a rule, a citation or an extension."""
    found = []
    for weekend in ({6}, {5, 6}):
        day, count = start, 10
        while count:
            day += timedelta(days=1)
            count -= day.weekday() not in weekend and day not in HOLIDAYS
        found.append(day)
    return found


def _time(work: Callable[[], list[object]]) -> float:
    began = time.perf_counter()
    assert len(work()) == REQUESTS
    return time.perf_counter() - began
