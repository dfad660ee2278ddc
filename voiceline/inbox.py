"""A business's requests a page at a time: page 200 costs what page 1 costs.

With a filter that no index knows, a page looks at a fixed number of rows at most (lists.py); then
one looks further.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, literal, null, select

from voiceline.inbox_rows import load_rows
from voiceline.lists import COVERS, RUNS, Lookup, Order, Scope
from voiceline.models import PrivacyRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.filters import Which
    from voiceline.inbox_rows import InboxRow
    from voiceline.places import Place

MOST_ROWS = 100
MOST_COUNTED = 1000
MOST_NEWS = 99
LATE_FILING = timedelta(hours=1)
"""A request filed within this of its call counts as news; one adopted later is just there."""


@dataclass(frozen=True)
class InboxPage:
    """One page, and where the next one starts, if there is one."""

    rows: list[InboxRow]
    next: Place | None
    partial: bool = False
    """Whether the next page is looked for behind what was looked at, not behind a full page."""


@dataclass(frozen=True)
class Counts:
    """How much there is to do; each number stops at 1000, `any` at 1."""

    open: int
    overdue: int
    any: bool


def inbox_page(
    session: Session,
    business_id: UUID,
    *,
    order: Order,
    after: Place | None,
    limit: int,
    scope: Scope = Scope.ALL,
    which: Which | None = None,
) -> InboxPage:
    """Answer the requests that follow `after`, 1 to 100 of them, with what the list shows.

    With a filter at most LOOKED_AT rows of the order's index are looked at; where these are not
    all, the next page begins behind them.
    """
    limit = max(1, min(limit, MOST_ROWS))
    places: list[Place] = []
    runs = RUNS[order, scope]
    for number in range(after.run if after else 0, len(runs)):
        key = after if after and after.run == number else None
        lookup = Lookup(business_id, runs[number], number, key, which)
        places += lookup.next_places(session, limit + 1 - len(places))
        if len(places) > limit:
            break
        if (end := lookup.looked_until(session)) is not None:
            return InboxPage(load_rows(session, [place.id for place in places]), end, partial=True)
    shown = places[:limit]
    rows = load_rows(session, [place.id for place in shown])
    return InboxPage(rows, shown[-1] if len(places) > limit else None)


def matching_ids(
    session: Session, business_id: UUID, *, scope: Scope, which: Which, limit: int
) -> list[UUID]:
    """Answer every request that is meant, up to so many, however long looking for them takes."""
    table = PrivacyRequest
    query = select(table.id).where(table.business_id == business_id, *COVERS[scope])
    query = query.where(*which.all_tests(table))
    if which.few is not None:
        query = query.where(table.id.in_(which.few))
    return list(session.scalars(query.order_by(table.received_at, table.id).limit(limit)))


def count_matching(
    session: Session, business_id: UUID, lists: Sequence[tuple[Scope, Which]]
) -> list[tuple[int, bool]]:
    """Count what each filter means, among the first rows of its list, and whether these are all.

    All of them in one statement; a number stops at 1000.
    """
    columns: list[Any] = []
    for scope, which in lists:
        order = Order.DEADLINE if which.by_due else Order.NEWEST
        lookup = Lookup(business_id, RUNS[order, scope][0], 0, None, which)
        few = lookup.query(MOST_COUNTED).subquery()
        columns.append(select(func.count()).select_from(few).scalar_subquery())
        last = lookup.last_looked_at.with_only_columns(PrivacyRequest.id)
        columns.append(last.scalar_subquery() if lookup.is_bounded else null())
    found = list(session.execute(select(*columns)).one()) if columns else []
    return [
        (count, count < MOST_COUNTED and last is None)
        for count, last in zip(found[::2], found[1::2], strict=True)
    ]


def count_requests(session: Session, business_id: UUID, today: date) -> Counts:
    """Count what is open and what is overdue on the business's date."""
    mine = PrivacyRequest.business_id == business_id
    watched, late = PrivacyRequest.watch_by.is_not(None), PrivacyRequest.watch_by < today
    opened, overdue = (
        select(func.count()).select_from(_capped([mine, which], MOST_COUNTED)).scalar_subquery()
        for which in (watched, late)
    )
    first = select(PrivacyRequest.id).where(mine).limit(1).scalar_subquery()
    row = session.execute(select(opened, overdue, first)).one()
    return Counts(open=row[0], overdue=row[1], any=row[2] is not None)


def count_news(
    session: Session, business_id: UUID, since: datetime, which: Which | None = None
) -> int:
    """Count, up to 99, the requests filed after a page was made that its filter means."""
    news = [
        PrivacyRequest.business_id == business_id,
        PrivacyRequest.received_at > since - LATE_FILING,
        PrivacyRequest.filed_at > since,
        *(which.all_tests(PrivacyRequest) if which else ()),
    ]
    return session.scalar(select(func.count()).select_from(_capped(news, MOST_NEWS))) or 0


def _capped(conditions: Sequence[Any], most: int) -> Any:
    return select(literal(1)).select_from(PrivacyRequest).where(*conditions).limit(most).subquery()
