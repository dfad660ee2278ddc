"""What a date means for somebody at work: words, a colour and an icon, never a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.outcomes import Task

if TYPE_CHECKING:
    from datetime import date

    from voiceline.models import PrivacyRequest, RequestedRight

URGENT_SHARE = 0.25
"""Red when less than this share of the period is left."""


class Tone(StrEnum):
    """How a badge looks."""

    CALM = "calm"
    URGENT = "urgent"
    OVERDUE = "overdue"
    DONE = "done"
    ENDED = "ended"


ICONS = {
    Tone.CALM: "clock",
    Tone.URGENT: "clock",
    Tone.OVERDUE: "alert",
    Tone.DONE: "check",
    Tone.ENDED: "stop",
}
ENDINGS = {
    RequestStatus.COMPLETED: (Tone.DONE, "Completed"),
    RequestStatus.PARTLY: (Tone.DONE, "Completed in part"),
    RequestStatus.DENIED: (Tone.ENDED, "Denied"),
    RequestStatus.REDIRECTED: (Tone.ENDED, "Redirected"),
    RequestStatus.WITHDRAWN: (Tone.ENDED, "Withdrawn"),
}
RIGHT_ENDINGS = {
    RightStatus.COMPLETED: (Tone.DONE, "Completed"),
    RightStatus.PARTLY: (Tone.DONE, "Completed in part"),
    RightStatus.DENIED: (Tone.ENDED, "Denied"),
    RightStatus.REDIRECTED: (Tone.ENDED, "Redirected"),
    RightStatus.WITHDRAWN: (Tone.ENDED, "Withdrawn"),
    RightStatus.STRUCK: (Tone.ENDED, "Struck out"),
}

RULES = {
    Task.CONFIRM: "Received {received}: receipt is to be confirmed within 10 business days",
    Task.NAME: "Nobody has named what it asks for. It may be an opt-out: 15 business days",
    Task.ANSWER: "Received {received}: the answer is due {days} days later",
    Task.DECIDE: "The consumer appealed: the decision has a date of its own",
    Task.TELL: "It is decided: the consumer is still to be told",
}
"""Why what is owed has its date, in a sentence; the request's page has the law itself."""


@dataclass(frozen=True)
class Badge:
    """A tone and what it says: how long is left, then the date itself."""

    tone: Tone
    text: str
    on: date | None = None

    @property
    def icon(self) -> str:
        """Name of the picture that goes with the tone."""
        return ICONS[self.tone]


def respond_badge(request: PrivacyRequest, today: date) -> Badge:
    """Answer how the request stands on the business's date."""
    if request.status in ENDINGS:
        return _ended(*ENDINGS[request.status], request.received_on, request.watch_by, today)
    return countdown(request.received_on, request.respond_by, today)


def watch_badge(request: PrivacyRequest, today: date) -> Badge:
    """Answer how long is left for what is owed first, whatever that is."""
    if request.watch_by is None or request.status in ENDINGS:
        return respond_badge(request, today)
    return countdown(request.received_on, request.watch_by, today)


def right_badge(right: RequestedRight, received_on: date, today: date) -> Badge:
    """Answer how one right stands on the business's date."""
    if right.status in RIGHT_ENDINGS:
        return _ended(*RIGHT_ENDINGS[right.status], received_on, right.tell_by, today)
    return countdown(received_on, right.due_by, today)


def acknowledge_badge(request: PrivacyRequest, today: date) -> Badge | None:
    """Answer by when receipt is still to be confirmed, or None where nothing is owed."""
    if request.receipt_by is None:
        return None
    return countdown(request.received_on, request.receipt_by, today)


def rule_of(request: PrivacyRequest) -> str | None:
    """Say in a sentence why what is owed first has its date; None where nothing is owed."""
    if request.task is None:
        return None
    due, task = request.task
    return RULES[task].format(
        received=f"{request.received_on.day} {request.received_on:%b %Y}",
        days=(due - request.received_on).days,
    )


def marks(request: PrivacyRequest) -> list[str]:
    """Answer in a word each what is out of the ordinary with what the request still owes."""
    due = [right for right in request.asked_rights if right.is_due]
    found = {
        "Appealed": any(right.status == RightStatus.APPEALED for right in due),
        "Extended": any(right.extended_by for right in due),
        "Deferred": any(right.status == RightStatus.DEFERRED for right in due),
    }
    return [word for word, is_so in found.items() if is_so]


def countdown(start: date, due: date, today: date) -> Badge:
    """Answer how long is left of a period."""
    left, period = (due - today).days, (due - start).days
    if left < 0:
        return Badge(Tone.OVERDUE, f"{_days(-left)} overdue", due)
    if left == 0:
        return Badge(Tone.URGENT, "Due today", due)
    tone = Tone.URGENT if left < period * URGENT_SHARE else Tone.CALM
    return Badge(tone, f"{_days(left)} left", due)


def _ended(tone: Tone, text: str, start: date, tell_by: date | None, today: date) -> Badge:
    """Answer what became of it, or until when the consumer must still be told."""
    if tell_by is None:
        return Badge(tone, text)
    left = countdown(start, tell_by, today)
    return Badge(left.tone, f"{text}, not told yet: {left.text[0].lower()}{left.text[1:]}", left.on)


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
