"""The forms of time: confirm receipt, and extend once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from voiceline import desk
from voiceline.dashboard.fields import date_of, one_of, text_of
from voiceline.dashboard.steps import Step
from voiceline.desk import Means
from voiceline.desk.changes import dates_of
from voiceline.desk.open_appeals import open_appeal
from voiceline.desk.timing import REOPENED
from voiceline.errors import ExtensionError
from voiceline.rules.allowed import sentence
from voiceline.rules.deadlines import extension
from voiceline.rules.explanations import why
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.outcomes import DUE

if TYPE_CHECKING:
    from voiceline.dashboard.steps import Sitting
    from voiceline.models import PrivacyRequest, RequestedRight
    from voiceline.rules.due_dates import Deadlines


class Told(StrEnum):
    """How the consumer learns of the later date."""

    LETTER = "letter"
    """By a letter from here, which is written next."""
    ALREADY = "already"


def needs_no_receipt(request: PrivacyRequest, _right: RequestedRight | None) -> str | None:
    """Say why receipt is not to be confirmed any more."""
    if request.acknowledged_at is not None:
        return "Receipt was confirmed already. The request can be answered."
    if request.finished_at is not None:
        return "The request is answered: that needs no confirmation. It can be reopened."
    return None


def cannot_be_extended(request: PrivacyRequest, right: RequestedRight) -> str | None:
    """Say why the right's date stands; of an appeal's the form itself knows."""
    if right.status not in DUE:
        return sentence(right.status, "extended")
    if right.status == RightStatus.APPEALED:
        return None
    if right.right is None:
        return "Nobody has named this right yet: an opt-out could not be extended."
    if right.is_reopened_by_appeal:
        return REOPENED
    return _no_later(dates_of(request, right), used=right.extended_at is not None)


def later_date(sitting: Sitting) -> dict[str, Any]:
    """Show the date that the extension gives, before anybody confirms it."""
    dates = dates_of(sitting.request, sitting.right)
    used, since = False, sitting.request.received_on
    if sitting.right.status == RightStatus.APPEALED:
        appeal = open_appeal(sitting.session, sitting.right)
        dates, used = appeal.dates(), appeal.extended_by is not None
        since = appeal.received_on
    if dates.extend is None or used:
        return {"barrier": _no_later(dates, used=used)}
    return {
        "first": dates.respond,
        "later": dates.extend,
        "explained": why(dates.extend),
        "since": since,
    }


def acknowledge(sitting: Sitting) -> None:
    """Note that receipt was confirmed."""
    how = one_of(sitting.typed, "how", Means, "how the consumer was told")
    sitting.take(desk.acknowledge, how=how)


def extend(sitting: Sitting) -> None:
    """Note why it takes longer, and when the consumer was told unless a letter is to tell them."""
    because = text_of(sitting.typed, "because")
    told = one_of(sitting.typed, "told", Told, "how the consumer is told")
    told_on = date_of(sitting.typed, "told_on") if told == Told.ALREADY else None
    sitting.take(desk.extend, sitting.right, because=because, told_on=told_on)


def _no_later(dates: Deadlines, *, used: bool) -> str | None:
    """Say why there is no later date; when the consumer was told is for the verb to see."""
    try:
        extension(dates, told_on=dates.respond_by, extended=used)
    except ExtensionError as error:
        return str(error)
    return None


STEPS = (
    Step(
        "acknowledge",
        "Confirm receipt",
        "The consumer was told that the request came, and how it will be answered "
        "(11 CCR 7021(a)). Say how they were told.",
        acknowledge,
        of_right=False,
        barrier=needs_no_receipt,
    ),
    Step(
        "extend",
        "Extend",
        "The consumer is told, with the reason, that the answer takes longer. That is allowed "
        "once, and only if they are told by the first date: until then that one counts.",
        extend,
        barrier=cannot_be_extended,
        facts=later_date,
    ),
)
