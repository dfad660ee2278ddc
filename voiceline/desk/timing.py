"""The verbs of time: confirm receipt, and extend an answer or a decision, once and in time."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from voiceline.desk.changes import begin, dates_of, find_right, keep, local_day, said
from voiceline.desk.open_appeals import open_appeal
from voiceline.errors import DateError, MoveError
from voiceline.models import EventKind
from voiceline.rules.allowed import sentence
from voiceline.rules.deadlines import extension
from voiceline.rules.lifecycle import RightStatus

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent


REOPENED = "An appeal reopened it: it is due when the decision was, and that date stands."


class Means(StrEnum):
    """How the consumer was told something."""

    EMAIL = "email"
    LETTER = "letter"
    PHONE = "phone"
    IN_PERSON = "in_person"
    NONE = "none"
    """Nobody could be reached: the confirmation is kept for who asks for the status."""


def acknowledge(
    session: Session, request: PrivacyRequest, clerk: Clerk, *, how: Means
) -> RequestEvent:
    """Note that receipt was confirmed (11 CCR 7021(a)); MoveError where it was, or is too late.

    What the caller heard to its end at the end of the call counts, and is noted by the line.
    """
    before = begin(session, request, clerk)
    if request.acknowledged_at is not None:
        on = local_day(request, request.acknowledged_at)
        raise MoveError(f"Receipt was confirmed on {on} already. The request can be answered.")
    if request.finished_at is not None:
        raise MoveError("The request is answered: that needs no confirmation. It can be reopened.")
    event = request.acknowledge(how=how, at=clerk.at, by=clerk.user.id)
    return keep(session, request, clerk, event, before, {"how": how.value})


def extend(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    because: str,
    told_on: date | None = None,
) -> RequestEvent:
    """Note why the answer takes longer, and on which day the consumer was told of the later date.

    Without a day nobody told them yet: the first date stays in force until the letter has gone.
    Raises ExtensionError where the law allows none, where it was used, and where the consumer was
    told after the first date. A right under appeal has the extension of the decision.
    """
    before = begin(session, request, clerk)
    find_right(request, right.id)
    reason = said(because, "why more time is needed", most=1000)
    facts: dict[str, Any] = {"told_on": told_on.isoformat() if told_on else None}
    if right.status == RightStatus.APPEALED:
        appeal = open_appeal(session, right)
        day = _told(request, clerk, told_on, appeal.received_on, "the appeal")
        later = extension(appeal.dates(), told_on=day, extended=appeal.extended_by is not None)
        appeal.extend(later, because=reason, told_on=told_on)
        facts["appeal"] = str(appeal.id)
    else:
        _check_extendable(right)
        day = _told(request, clerk, told_on, request.received_on, "the request")
        later = extension(
            dates_of(request, right), told_on=day, extended=right.extended_at is not None
        )
        right.extend(later, because=reason, told_on=told_on, at=clerk.at)
    request.follow_rights(clerk.at)
    event = request.note_event(EventKind.EXTENDED, at=clerk.at, by=clerk.user.id, right=right)
    facts |= {"by": later.by.isoformat(), "rule": later.rule_id}
    return keep(session, request, clerk, event, before, facts)


def _check_extendable(right: RequestedRight) -> None:
    if right not in right.request.open_rights:
        raise MoveError(sentence(right.status, "extended"))
    if right.right is None:
        raise MoveError("Nobody has named this right yet: an opt-out could not be extended.")
    if right.is_reopened_by_appeal:
        raise MoveError(REOPENED)


def _told(
    request: PrivacyRequest, clerk: Clerk, told_on: date | None, since: date, what: str
) -> date:
    today = local_day(request, clerk.at)
    day = told_on or today
    if day > today:
        raise DateError(f"{day} is still to come: note the notice once it was given.")
    if day < since:
        raise DateError(f"{day} is before {what} came: it was received {since}.")
    return day
