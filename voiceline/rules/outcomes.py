"""What a request is, read off its rights: open while one of them is, and else what became of them.

A right that was named in error counts for nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.rights import RIGHTS, ClockClass

if TYPE_CHECKING:
    from collections.abc import Collection

    from voiceline.rules.rights import Right


class Task(StrEnum):
    """What may be owed about a request; each has a date of its own."""

    CONFIRM = "confirm"
    """To confirm receipt (11 CCR 7021(a))."""
    NAME = "name"
    """To name what is asked for: it may be an opt-out, which is due before anything else."""
    ANSWER = "answer"
    DECIDE = "decide"
    """To decide an appeal."""
    TELL = "tell"
    """To tell the consumer what was answered or decided."""


OPEN = frozenset({RightStatus.OPEN, RightStatus.DEFERRED})
"""Rights that owe an answer."""

DUE = OPEN | {RightStatus.APPEALED}
"""Rights that owe an answer or a decision."""

ANSWERED = frozenset(
    {RightStatus.COMPLETED, RightStatus.PARTLY, RightStatus.DENIED, RightStatus.REDIRECTED}
)

CLOSED = frozenset(
    {
        RequestStatus.COMPLETED,
        RequestStatus.PARTLY,
        RequestStatus.DENIED,
        RequestStatus.REDIRECTED,
        RequestStatus.WITHDRAWN,
    }
)
"""Requests that owe nothing any more."""

_ALIKE = {
    RightStatus.COMPLETED: RequestStatus.COMPLETED,
    RightStatus.PARTLY: RequestStatus.PARTLY,
    RightStatus.DENIED: RequestStatus.DENIED,
    RightStatus.REDIRECTED: RequestStatus.REDIRECTED,
}
_NOTHING_DONE = {RightStatus.DENIED, RightStatus.REDIRECTED}


def must_tell(right: Right | None, status: RightStatus) -> bool:
    """Tell whether the law wants the consumer told: every answer, and of opt-outs the refusals.

    An opt-out that was complied with shows by itself (11 CCR 7026(g), 7027(g)).
    """
    is_stop = right is not None and RIGHTS[right].clock == ClockClass.STOP
    return status in ANSWERED and not (is_stop and status == RightStatus.COMPLETED)


def status_of(rights: Collection[RightStatus], *, acknowledged: bool) -> RequestStatus:
    """Answer the status of a request whose rights have these.

    Withdrawn rights do not change what the others came to. Some done and some refused is partly
    done; denied and redirected together are denied. Without any right it is open: somebody asked.
    """
    if RightStatus.APPEALED in rights:
        return RequestStatus.APPEALED
    if not rights or OPEN & set(rights):
        return RequestStatus.ACKNOWLEDGED if acknowledged else RequestStatus.RECEIVED
    answered = ANSWERED & set(rights)
    if not answered:
        return RequestStatus.WITHDRAWN
    if len(answered) == 1:
        return _ALIKE[next(iter(answered))]
    return RequestStatus.DENIED if answered == _NOTHING_DONE else RequestStatus.PARTLY
