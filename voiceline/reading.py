"""The verbs of reading: what is unread is each colleague's own, and counting it stays cheap.

A member has a mark: what came until then is read. After it, what they read has a row; before it,
what they want to read again. Where the rows become many the mark moves on past them, so that no
count looks at more than a few hundred, however long somebody has worked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, exists, func, or_, select, update

from voiceline.database import insert_once
from voiceline.models import InboxChoice, Membership, PrivacyRequest, RequestRead

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

MOST_COUNTED = 100
MOST_READ = 500
"""Rows of what was read, after which the mark moves on."""

LOOKED_AT = 1000
SETTLED = timedelta(minutes=10)
"""What is younger may still be written by a transaction that began before."""


@dataclass(frozen=True)
class Reader:
    """One member, the mark behind them, and how they like their inbox."""

    business_id: UUID
    user_id: UUID
    mark: datetime
    keys_on: bool = True
    view_id: UUID | None = None


def reader_of(session: Session, member: Membership) -> Reader:
    """Answer the member as a reader; who never chose anything has read what was before them."""
    business_id, user_id = member.business_id, member.user_id
    choice = session.scalar(select(InboxChoice).filter_by(business_id=business_id, user_id=user_id))
    if choice is None:
        return Reader(business_id, user_id, member.created_at)
    mark = choice.read_before or member.created_at
    return Reader(business_id, user_id, mark, choice.keys_on, choice.view_id)


def hold_choice(session: Session, reader: Reader) -> InboxChoice:
    """Answer the member's row, locked: two tabs of one person take turns."""
    key = {"business_id": reader.business_id, "user_id": reader.user_id}
    session.execute(insert_once(session, InboxChoice).values(id=uuid4(), keys_on=True, **key))
    held = select(InboxChoice).filter_by(**key).with_for_update()
    return session.scalars(held.execution_options(populate_existing=True)).one()


def unread_where(reader: Reader, table: Any) -> Any:
    """Answer the condition that the reader has not read a request since it was last news."""
    row = and_(RequestRead.user_id == reader.user_id, RequestRead.request_id == table.id)
    read = exists().where(row, RequestRead.read_at >= table.news_at)
    kept = exists().where(row, RequestRead.read_at.is_(None))
    return or_(and_(table.news_at > reader.mark, ~read), kept)


def unread_ids(reader: Reader, limit: int) -> Any:
    """Answer the query for what is unread, up to so many: by the mark's index, and by the rows."""
    table = PrivacyRequest
    row = and_(RequestRead.user_id == reader.user_id, RequestRead.request_id == table.id)
    read = exists().where(row, RequestRead.read_at >= table.news_at)
    new = (
        select(table.id.label("id"))
        .where(table.business_id == reader.business_id, table.news_at > reader.mark, ~read)
        .order_by(table.news_at.desc())
        .limit(limit)
        .subquery()
    )
    kept = select(RequestRead.request_id.label("id")).where(
        RequestRead.business_id == reader.business_id,
        RequestRead.user_id == reader.user_id,
        RequestRead.read_at.is_(None),
    )
    both = select(new.c.id).union(kept.limit(limit).subquery().select()).subquery()
    return select(both.c.id)


def count_unread(session: Session, reader: Reader) -> int:
    """Count what is unread, up to 100."""
    few = unread_ids(reader, MOST_COUNTED).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(few)) or 0


def unread_among(session: Session, reader: Reader, ids: Iterable[UUID]) -> set[UUID]:
    """Answer which of the requests are unread."""
    table = PrivacyRequest
    mine = (table.business_id == reader.business_id, table.id.in_(list(ids)))
    return set(session.scalars(select(table.id).where(*mine, unread_where(reader, table))))


def mark_read(session: Session, reader: Reader, request: PrivacyRequest, *, at: datetime) -> bool:
    """Note that the reader has seen the request; answer whether that is new."""
    reader = _anew(session, reader)
    if not unread_among(session, reader, [request.id]):
        return False
    _keep(session, reader, request.id, max(at, request.news_at))
    _move_on(session, reader, at)
    return True


def mark_unread(session: Session, reader: Reader, request: PrivacyRequest) -> bool:
    """Let the request count as unread again; answer whether that is new."""
    reader = _anew(session, reader)
    if unread_among(session, reader, [request.id]):
        return False
    _keep(session, reader, request.id, None)
    return True


def note_read(session: Session, request: PrivacyRequest, user_id: UUID, *, at: datetime) -> None:
    """Note that somebody has heard the request's message, if they are a member."""
    member = session.scalar(
        select(Membership).where(
            Membership.business_id == request.business_id, Membership.user_id == user_id
        )
    )
    if member is not None:
        mark_read(session, reader_of(session, member), request, at=at)


def _anew(session: Session, reader: Reader) -> Reader:
    held = hold_choice(session, reader)
    mark = held.read_before or reader.mark
    return Reader(reader.business_id, reader.user_id, mark, held.keys_on, held.view_id)


def _keep(session: Session, reader: Reader, request_id: UUID, read_at: datetime | None) -> None:
    key = {"user_id": reader.user_id, "request_id": request_id}
    insert = insert_once(session, RequestRead)
    session.execute(insert.values(**key, business_id=reader.business_id, read_at=read_at))
    session.execute(
        update(RequestRead)
        .filter_by(**key)
        .values(read_at=read_at)
        .execution_options(synchronize_session=False)
    )


def _move_on(session: Session, reader: Reader, at: datetime) -> None:
    """Move the mark past the oldest of what came after it, where much of it was read.

    What of that is unread is kept as a row; what was read needs none any more.
    """
    mine = (RequestRead.business_id == reader.business_id, RequestRead.user_id == reader.user_id)
    rows = select(RequestRead.request_id).where(*mine, RequestRead.read_at.is_not(None))
    many = select(func.count()).select_from(rows.limit(MOST_READ + 1).subquery())
    if (session.scalar(many) or 0) <= MOST_READ:
        return
    table = PrivacyRequest
    passed = session.execute(
        select(table.id, table.news_at)
        .where(table.business_id == reader.business_id, table.news_at > reader.mark)
        .where(table.news_at < at - SETTLED)
        .order_by(table.news_at, table.id)
        .limit(LOOKED_AT)
    ).all()
    if len(passed) == LOOKED_AT:  # others may have the last one's moment
        passed = [row for row in passed if row.news_at < passed[-1].news_at]
    if not passed:
        return
    ids = [row.id for row in passed]
    for unread in unread_among(session, reader, ids):
        _keep(session, reader, unread, None)
    kept = RequestRead.read_at.is_not(None)
    session.execute(delete(RequestRead).where(*mine, kept, RequestRead.request_id.in_(ids)))
    hold_choice(session, reader).read_before = passed[-1].news_at
    session.flush()
