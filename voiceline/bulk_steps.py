"""What an act does with one request, and how that is taken back: the verbs of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from voiceline import desk
from voiceline.casework import find_request
from voiceline.colleagues import name_of_colleague
from voiceline.desk import Clerk, Means
from voiceline.errors import MoveError, NotFoundError, UndoError
from voiceline.models import BulkKind, Membership, User
from voiceline.reading import mark_read, mark_unread, reader_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import BulkAction, BulkItem, PrivacyRequest
    from voiceline.reading import Reader

    Step = Callable[[Session, BulkAction, BulkItem, datetime], UUID | None]


def _assign(session: Session, action: BulkAction, item: BulkItem, at: datetime) -> UUID | None:
    request, clerk = _at_desk(session, action, item, at)
    to = action.facts.get("to")
    return desk.assign(session, request, clerk, UUID(to) if to else None, tell=False).id


def _acknowledge(session: Session, action: BulkAction, item: BulkItem, at: datetime) -> UUID | None:
    request, clerk = _at_desk(session, action, item, at)
    return desk.acknowledge(session, request, clerk, how=Means(action.facts["how"])).id


def _read(session: Session, action: BulkAction, item: BulkItem, at: datetime) -> None:
    request = find_request(session, action.business_id, item.request_id)
    if not mark_read(session, _reader(session, action), request, at=at):
        raise MoveError("You had read it already.")


def _unread(session: Session, action: BulkAction, item: BulkItem, at: datetime) -> None:  # noqa: ARG001 - as every step
    request = find_request(session, action.business_id, item.request_id)
    if not mark_unread(session, _reader(session, action), request):
        raise MoveError("It was unread already.")


def _undo_change(session: Session, action: BulkAction, item: BulkItem, at: datetime) -> None:
    request, clerk = _at_desk(session, action, item, at, as_seen=False)
    if request.last_change_id != item.entry_id:
        raise UndoError("It was changed since.")
    desk.undo(session, request, clerk)


def _at_desk(
    session: Session, action: BulkAction, item: BulkItem, at: datetime, *, as_seen: bool = True
) -> tuple[PrivacyRequest, Clerk]:
    """Answer the request, and the colleague as they saw it; who works here no more does nothing."""
    name_of_colleague(session, action.business_id, action.user_id)
    request = find_request(session, action.business_id, item.request_id)
    seen = item.seen if as_seen and item.seen is not None else request.version
    return request, Clerk(session.get_one(User, action.user_id), at, seen)


def _reader(session: Session, action: BulkAction) -> Reader:
    member = session.scalars(
        select(Membership).where(
            Membership.business_id == action.business_id, Membership.user_id == action.user_id
        )
    ).one_or_none()
    if member is None:
        raise NotFoundError("whoever chose this works here no more")
    return reader_of(session, member)


STEPS: dict[BulkKind, Step] = {
    BulkKind.ASSIGN: _assign,
    BulkKind.ACKNOWLEDGE: _acknowledge,
    BulkKind.READ: _read,
    BulkKind.UNREAD: _unread,
}
UNDO_STEPS: dict[BulkKind, Step] = {
    BulkKind.ASSIGN: _undo_change,
    BulkKind.ACKNOWLEDGE: _undo_change,
    BulkKind.READ: _unread,
    BulkKind.UNREAD: _read,
}
