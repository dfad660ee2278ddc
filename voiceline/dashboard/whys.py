"""Why a date is what it is: each date of a right with its reason, its rule and both readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from voiceline.rules.due_dates import Clock, Due, from_record
from voiceline.rules.explanations import why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceline.models import Appeal, RequestedRight


class Explained(NamedTuple):
    """A date, and why it is what it is."""

    due: Due
    words: str


def explained(right: RequestedRight, appeal: Appeal | None = None) -> list[Explained]:
    """Answer the dates that were given for the right; none where they were not kept in full."""
    return [Explained(due, why(due)) for due in _dates(right, appeal)]


def _dates(right: RequestedRight, appeal: Appeal | None) -> Iterator[Due]:
    for clock, is_given in (
        (Clock.ACKNOWLEDGE, True),
        (Clock.RESPOND, True),
        (Clock.EXTEND, right.extended_at is not None),
        (Clock.APPEAL, right.appeal_by is not None),
    ):
        if is_given and (due := right.due(clock)):
            yield due
    if appeal is not None:
        yield appeal.dates().respond
        if appeal.extended_by and Clock.EXTEND in appeal.due_records:
            yield from_record(appeal.due_records[Clock.EXTEND])
