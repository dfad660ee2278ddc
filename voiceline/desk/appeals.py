"""The verbs of appeals: one comes, is decided, or is withdrawn.

An appeal has the clock of the law that gives it, from the day it came; where the law gives none
and the business hears it all the same, it has the time of an answer, as a rule of the house.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from voiceline.desk.changes import begin, check_right, find_right, keep, local_day, said
from voiceline.desk.open_appeals import open_appeal
from voiceline.errors import DateError, MoveError
from voiceline.models import Appeal, EventKind
from voiceline.rules.deadlines import check_received_on, deadlines_for
from voiceline.rules.lifecycle import AppealStatus, RightStatus
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent


def appeal(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    received_on: date | None = None,
) -> RequestEvent:
    """Note the consumer's appeal against the answer to a right; it came today unless said."""
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.APPEALED)
    today = local_day(request, clerk.at)
    day = received_on or today
    check_received_on(day, today)
    _check_in_time(request, right, day)
    dates = deadlines_for(Right.APPEAL, day, request.jurisdiction)
    row = Appeal(
        id=uuid4(),
        business_id=request.business_id,
        request_id=request.id,
        right_id=right.id,
        status=AppealStatus.OPEN,
        against=right.status,
        received_on=day,
        noted_at=clerk.at,
        noted_by_id=clerk.user.id,
    )
    row.date_by(dates)
    session.add(row)
    request.news_at = clerk.at
    right.due_by = dates.respond_by
    if right.told_on is None:  # who appeals knows the answer
        right.tell(day if right.tell_by else _answered_on(request, right))
    event = request.settle(
        [right], RightStatus.APPEALED, EventKind.APPEALED, clerk.at, clerk.user.id
    )
    facts = {"appeal": str(row.id), "decide_by": row.decide_by.isoformat(), "rule": row.rule}
    return keep(session, request, clerk, event, before, facts)


def decide_appeal(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    stands: bool,
    because: str,
) -> RequestEvent:
    """Note the decision, and why: the answer stands, or else the right is open again.

    What is reopened is due on the day by which the appeal had to be decided.
    """
    if stands:
        return _end(session, request, clerk, right, AppealStatus.UPHELD, because)
    before = begin(session, request, clerk)
    found = _open(session, request, right)
    found.end(
        AppealStatus.REVERSED,
        because=said(because, "why it was decided so"),
        at=clerk.at,
        by=clerk.user.id,
    )
    facts = {"appeal": str(found.id), "was": right.status.value, "due_by": str(right.due_by)}
    right.forget_answer()
    event = request.settle(
        [right], RightStatus.OPEN, EventKind.APPEAL_REVERSED, clerk.at, clerk.user.id
    )
    right.tell_by = right.due_by
    request.follow_rights(clerk.at)
    return keep(session, request, clerk, event, before, facts)


def withdraw_appeal(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight
) -> RequestEvent:
    """Note that the consumer no longer appeals: the answer stands."""
    return _end(session, request, clerk, right, AppealStatus.WITHDRAWN, None)


_KINDS = {
    AppealStatus.UPHELD: EventKind.APPEAL_UPHELD,
    AppealStatus.WITHDRAWN: EventKind.APPEAL_WITHDRAWN,
}


def _end(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    new: AppealStatus,
    because: str | None,
) -> RequestEvent:
    """End the appeal so that the right is again what was appealed against."""
    before = begin(session, request, clerk)
    found = _open(session, request, right)
    words = None if because is None else said(because, "why it was decided so")
    found.end(new, because=words, at=clerk.at, by=clerk.user.id)
    decide_by, right.due_by = right.due_by, right.answer_by
    event = request.settle([right], found.against, _KINDS[new], clerk.at, clerk.user.id)
    right.tell_by = decide_by if new == AppealStatus.UPHELD else None
    request.follow_rights(clerk.at)
    return keep(session, request, clerk, event, before, {"appeal": str(found.id)})


def _open(session: Session, request: PrivacyRequest, right: RequestedRight) -> Appeal:
    find_right(request, right.id)
    return open_appeal(session, right)


def _answered_on(request: PrivacyRequest, right: RequestedRight) -> date:
    return local_day(request, right.finished_at) if right.finished_at else request.received_on


def _check_in_time(request: PrivacyRequest, right: RequestedRight, day: date) -> None:
    answered = _answered_on(request, right)
    if day < answered:
        raise DateError(f"{day} is before the answer of {answered}, which it appeals against.")
    if right.appeal_by is not None and day > right.appeal_by:
        raise MoveError(
            f"The consumer could appeal until {right.appeal_by}. The right can be reopened instead."
        )
