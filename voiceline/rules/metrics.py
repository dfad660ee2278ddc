"""The figures of 11 CCR 7102: under what a right is counted, and the days until it was answered.

A right is counted in the year in which it was received, where the business is: by 1 July, when the
figures of a year are published, each of that year's is past its last date. docs/records.md says how
what the regulation does not name is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.rules.denials import CountedAs
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


class Outcome(StrEnum):
    """What has become of a right that was asked for."""

    OPEN = "open"
    """It owes an answer; a deferred one, too, because its clock runs on."""
    COMPLIED = "complied"
    PARTLY = "partly"
    DENIED = "denied"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


OUTCOMES = {
    RightStatus.OPEN: Outcome.OPEN,
    RightStatus.DEFERRED: Outcome.OPEN,
    RightStatus.COMPLETED: Outcome.COMPLIED,
    RightStatus.PARTLY: Outcome.PARTLY,
    RightStatus.DENIED: Outcome.DENIED,
    RightStatus.REDIRECTED: Outcome.REDIRECTED,
    RightStatus.WITHDRAWN: Outcome.WITHDRAWN,
}
"""How a right in each state is counted; under appeal it is as the answer appealed against."""

ANSWERS = frozenset({Outcome.COMPLIED, Outcome.PARTLY, Outcome.DENIED})
"""Substantive answers: their days are in the median and the mean."""

TOLD = ANSWERS | {Outcome.REDIRECTED}
"""What the consumer is told."""

NOT_NAMED = "not_named"
"""In place of a right that nobody has named yet."""

HEADS: dict[str, tuple[Right, ...]] = {
    "Requests to delete": (Right.DELETE,),
    "Requests to correct": (Right.CORRECT,),
    "Requests to know": (Right.KNOW_CATEGORIES, Right.KNOW_SPECIFIC, Right.PORTABILITY),
    "Requests to opt out of sale or sharing": (Right.OPT_OUT,),
    "Requests to limit": (Right.LIMIT,),
}
"""The heads of 11 CCR 7102(a)(1)(A)-(E), and the rights that are counted under each."""


@dataclass(frozen=True, order=True)
class Bucket:
    """One number of the rollup: rights of a year that came to the same after as many days."""

    year: int
    right: str
    outcome: Outcome
    counted_as: str
    """Of a denial, the head of its first reason; else empty."""
    days: int
    """From the day of receipt to that of the answer; 0 where there is none."""


@dataclass(frozen=True)
class Figures:
    """What is told of some rights: how many, what they came to, and how long it took."""

    counts: Mapping[Outcome, int]
    denied_as: Mapping[CountedAs, int]
    median_days: float | None
    """None where nothing was answered."""
    mean_days: float | None

    @property
    def received(self) -> int:
        """How many came, whatever became of them."""
        return sum(self.counts.values())

    @property
    def complied(self) -> int:
        """How many were complied with in whole or in part."""
        return self.counts[Outcome.COMPLIED] + self.counts[Outcome.PARTLY]


def bucket_of(
    *,
    right: Right | None,
    received_on: date,
    status: RightStatus,
    outcome: Outcome,
    counted_as: CountedAs | None,
    answered_on: date | None,
) -> Bucket | None:
    """Answer where a right is counted; None for one that was named in error.

    An answer that nobody was told yet is counted as open: nothing was answered.
    """
    if status == RightStatus.STRUCK:
        return None
    if answered_on is None and outcome in TOLD:
        outcome = Outcome.OPEN
    days = (answered_on - received_on).days if answered_on and outcome in ANSWERS else 0
    head = (counted_as or CountedAs.OTHER).value if outcome is Outcome.DENIED else ""
    return Bucket(received_on.year, right.value if right else NOT_NAMED, outcome, head, days)


def figures(tallies: Iterable[tuple[Bucket, int]]) -> Figures:
    """Add up some numbers of the rollup."""
    counts = Counter(dict.fromkeys(Outcome, 0))
    denied = Counter(dict.fromkeys(CountedAs, 0))
    days: Counter[int] = Counter()
    for bucket, count in tallies:
        counts[bucket.outcome] += count
        if bucket.outcome is Outcome.DENIED:
            denied[CountedAs(bucket.counted_as)] += count
        if bucket.outcome in ANSWERS:
            days[bucket.days] += count
    return Figures(counts, denied, _median(days), _mean(days))


def _mean(days: Counter[int]) -> float | None:
    total = days.total()
    return sum(day * count for day, count in days.items()) / total if total else None


def _median(days: Counter[int]) -> float | None:
    """Answer the middle of a histogram; of an even number, the mean of the two in the middle."""
    total = days.total()
    if not total:
        return None
    return (_at(days, (total - 1) // 2) + _at(days, total // 2)) / 2


def _at(days: Counter[int], place: int) -> int:
    for day in sorted(days):
        place -= days[day]
        if place < 0:
            return day
    raise LookupError("no such place")
