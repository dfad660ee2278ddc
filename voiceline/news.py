"""What the morning's messages tell of one business: numbers and short lists, never all rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from voiceline.inbox import Order, Scope, count_news, count_requests, inbox_page
from voiceline.models import PrivacyRequest, RaisedDeadline
from voiceline.rules.alerts import DAYS_LEFT, Stage

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
