"""The verb that gives a request to a colleague to work on, or to nobody again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.colleagues import name_of_colleague
from voiceline.desk.changes import begin, keep
from voiceline.errors import MoveError
from voiceline.models import EventKind
from voiceline.notices import tell_of_assigned

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest, RequestEvent


def assign(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    to: UUID | None,
    *,
    tell: bool = True,
) -> RequestEvent:
    """Note who works on the request; who is given it by another is told, unless `tell` is off.

    Raises NotFoundError for somebody who is no member or only reads, MoveError where nothing
    would change.
    """
    before = begin(session, request, clerk)
    name = name_of_colleague(session, request.business_id, to) if to else "Nobody"
    if request.assignee_id == to:
        raise MoveError(f"{name} works on it already. Nothing was changed.")
    request.assignee_id = to
    event = request.note_event(EventKind.ASSIGNED, at=clerk.at, by=clerk.user.id)
    if tell and to is not None and to != clerk.user.id:
        tell_of_assigned(session, request, to, entry=event.id, at=clerk.at)
    return keep(session, request, clerk, event, before, {"to": str(to) if to else None})
