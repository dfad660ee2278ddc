"""The verbs of what an earlier version left out while it ran on a database of this one.

Such a version files and answers requests without writing them into the log, and without the date by
which they are watched. To repair twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from voiceline.casework import HEARD
from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent, RequestRecord
from voiceline.records import follow
from voiceline.rules.deadlines import received_on
from voiceline.rules.due_dates import add_months
from voiceline.rules.retention import REQUEST_MONTHS

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST_ROWS = 2000
"""Rights that are looked at in one statement, however few of them lack something."""


@dataclass(frozen=True)
class Piece:
    """Requests that lack something, among the rights up to the last; None: there are no more."""

    requests: frozenset[UUID]
    last: UUID | None


def look_for_gaps(session: Session, *, after: UUID | None, limit: int = MOST_ROWS) -> Piece:
    """Answer which requests lack something, in the next rights in the order of their ids."""
    query = (
        select(RequestedRight.id, RequestedRight.request_id, _is_gap().label("is_gap"))
        .join(PrivacyRequest, PrivacyRequest.id == RequestedRight.request_id)
        .outerjoin(RequestRecord, RequestRecord.right_id == RequestedRight.id)
    )
    if after is not None:
        query = query.where(RequestedRight.id > after)
    rows = session.execute(query.order_by(RequestedRight.id).limit(limit)).all()
    found = frozenset(request_id for _, request_id, is_gap in rows if is_gap)
    return Piece(found, rows[-1][0] if rows else None)


def repair(session: Session, request_id: UUID, *, at: datetime) -> bool:
    """Write what the request lacks, one request a transaction; False where there is nothing to.

    A record whose time is over is not written again. The time of one that is runs from the last
    change, as it would have.
    """
    request = session.get_one(
        PrivacyRequest,
        request_id,
        with_for_update={"of": PrivacyRequest, "key_share": True},
        populate_existing=True,
    )
    changed_at, zone = _changed_at(session, request), request.business.time_zone
    if request.finished_at is not None:
        kept_until = add_months(received_on(changed_at, zone), REQUEST_MONTHS)
        if kept_until < received_on(at, zone):
            return False
    if request.watch_by != (request.task[0] if request.task else None):
        request.follow_rights(changed_at)
    follow(session, request, at=changed_at)
    return True


def _is_gap() -> ColumnElement[bool]:
    other = aliased(RequestedRight)
    mine = other.request_id == PrivacyRequest.id
    ended = PrivacyRequest.finished_at.is_not(None)
    untold = select(other.id).where(mine, other.tell_by.is_not(None)).exists()
    return or_(
        RequestRecord.right_id.is_(None),
        RequestRecord.status != RequestedRight.status,
        and_(~ended, PrivacyRequest.watch_by.is_(None)),
        and_(ended, PrivacyRequest.watch_by.is_not(None), ~untold),
    )


def _changed_at(session: Session, request: PrivacyRequest) -> datetime:
    """Answer when the request changed last, by its history; to look and to listen is no change."""
    query = select(func.max(RequestEvent.at)).where(
        RequestEvent.request_id == request.id, RequestEvent.kind.not_in(HEARD)
    )
    return session.scalar(query) or request.finished_at or request.received_at
