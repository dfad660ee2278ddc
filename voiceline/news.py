"""What the morning's messages tell of one business: numbers and short lists, never all rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from voiceline.inbox import count_news, count_requests, inbox_page
from voiceline.lists import Order, Scope
from voiceline.models import PrivacyRequest, RaisedDeadline, RequestRecord
from voiceline.rules.alerts import DAYS_LEFT, Stage
from voiceline.rules.metrics import TOLD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

LISTED = 25
"""Requests a message names; the page has them all."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Overview:
    """How much there is to do; the first two numbers stop at 1000, the third at 99."""

    open: int
    overdue: int
    new: int
    next: Sequence[PrivacyRequest]
    """What is due first."""


@dataclass(frozen=True)
class Answered:
    """How many rights were answered, and the days from receipt that it took; none: no days."""

    count: int
    median_days: float = 0
    longest_days: int = 0


def overview(
    session: Session, business_id: UUID, *, today: date, at: datetime, days: int
) -> Overview:
    """Answer where the business stands; `days`: how far back what came is new."""
    counts = count_requests(session, business_id, today)
    page = inbox_page(
        session, business_id, order=Order.DEADLINE, after=None, limit=LISTED, scope=Scope.OPEN
    )
    return Overview(
        open=counts.open,
        overdue=counts.overdue,
        new=count_news(session, business_id, at - days * DAY),
        next=[row.request for row in page.rows],
    )


def answered(session: Session, business_id: UUID, *, today: date, days: int) -> Answered:
    """Answer what the log says was answered on the days before today, each right by itself.

    Not today: it is not over, and the next message tells of it.
    """
    record = RequestRecord
    rows = session.execute(
        select(record.received_on, record.answered_on, func.count())
        .where(
            record.business_id == business_id,
            record.answered_on >= today - days * DAY,
            record.answered_on < today,
            record.outcome.in_(TOLD),
        )
        .group_by(record.received_on, record.answered_on)
    )
    took = Counter[int]()
    for received_on, answered_on, count in rows:
        if answered_on:
            took[(answered_on - received_on).days] += count
    if not took:
        return Answered(0)
    return Answered(took.total(), median(took.elements()), max(took))


def raised(session: Session, business_id: UUID, day: date) -> Sequence[RaisedDeadline]:
    """Answer what came near on that day, the most urgent first, as many as a message names."""
    return session.scalars(
        select(RaisedDeadline)
        .where(RaisedDeadline.business_id == business_id, RaisedDeadline.raised_on == day)
        .options(joinedload(RaisedDeadline.request).selectinload(PrivacyRequest.rights))
        .order_by(RaisedDeadline.due_by, RaisedDeadline.request_id)
        .limit(LISTED)
    ).all()


def count_raised(session: Session, business_id: UUID, day: date) -> Mapping[Stage, int]:
    """Count what came near on that day, the nearest first."""
    rows = session.execute(
        select(RaisedDeadline.stage, func.count())
        .where(RaisedDeadline.business_id == business_id, RaisedDeadline.raised_on == day)
        .group_by(RaisedDeadline.stage)
    )
    found = dict(rows.all())
    return {stage: found[stage] for stage in DAYS_LEFT if stage in found}
