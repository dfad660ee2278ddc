"""The verb of undoing: within a minute, by who did it, while nothing has left the house.

An undo is an entry of its own; what it undoes stays in the history.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import exists, or_, select

from voiceline.desk.changes import begin, keep
from voiceline.errors import UndoError
from voiceline.models import (
    TO_STAFF,
    Appeal,
    Delivery,
    DeliveryKind,
    EventKind,
    IdentityCheck,
    Letter,
    RequestEvent,
)
from voiceline.models.snapshots import restore
from voiceline.rules.lifecycle import AppealStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest

UNDO_WITHIN = timedelta(minutes=1)

OF_THE_FORM = frozenset({DeliveryKind.RECEIPT, DeliveryKind.EMAIL_LINK})
"""Messages to a consumer that tell of what they sent themselves, and of nothing that was decided;
all others leave the house with a step, but for those to the business's own people."""


_CONFIRMS = frozenset({EventKind.ACKNOWLEDGED, EventKind.LETTER_SENT})


def undo(session: Session, request: PrivacyRequest, clerk: Clerk) -> RequestEvent:
    """Take back the clerk's newest change of the request, or raise UndoError with the reason."""
    before = begin(session, request, clerk)
    change = _undoable(session, request, clerk)
    if change.before is None:
        raise UndoError("There is nothing to undo.")
    receipt = request.acknowledged_at, request.acknowledged_how
    restore(request, change.before, clerk.at)
    _keep_receipt(request, change, receipt, clerk)
    _take_back_rows(session, change, clerk)
    event = request.note_event(EventKind.UNDONE, at=clerk.at, by=clerk.user.id, right=change.right)
    event.undoes_id = change.id
    return keep(session, request, clerk, event, before, {"undone": change.kind.value})


def _undoable(session: Session, request: PrivacyRequest, clerk: Clerk) -> RequestEvent:
    change = session.get(RequestEvent, request.last_change_id) if request.last_change_id else None
    if change is None or change.kind == EventKind.UNDONE:
        raise UndoError("There is nothing to undo.")
    if change.user_id is None:
        raise UndoError("The line changed the request since. Look at it again.")
    if change.user_id != clerk.user.id:
        raise UndoError("Somebody else did that: only they can undo it.")
    if clerk.at - change.at > UNDO_WITHIN:
        raise UndoError("It is more than a minute ago. What was answered can be reopened.")
    left = exists().where(
        Delivery.request_id == request.id,
        Delivery.created_at >= change.at,
        Delivery.kind.not_in(TO_STAFF | OF_THE_FORM),
    )
    posted = exists().where(Letter.request_id == request.id, Letter.kept_at >= change.at)
    if session.scalar(select(or_(left, posted))):
        raise UndoError("A letter about it is on its way. What was answered can be reopened.")
    return change


def _keep_receipt(
    request: PrivacyRequest,
    change: RequestEvent,
    receipt: tuple[datetime | None, str | None],
    clerk: Clerk,
) -> None:
    """Leave a confirmation alone that came meanwhile: the line gave it, and can only once."""
    if receipt[0] is None or change.kind in _CONFIRMS:
        return
    request.acknowledged_at, request.acknowledged_how = receipt
    request.follow_rights(clerk.at)


def _take_back_rows(session: Session, change: RequestEvent, clerk: Clerk) -> None:
    """Void what the change wrote beside the request: the rows stay, as entries do."""
    facts = change.facts or {}
    if check := facts.get("check"):
        session.get_one(IdentityCheck, UUID(check)).undone_at = clerk.at
    if found := facts.get("appeal"):
        appeal = session.get_one(Appeal, UUID(found))
        if change.kind == EventKind.APPEALED:
            appeal.end(AppealStatus.STRUCK, because=None, at=clerk.at, by=clerk.user.id)
        elif change.kind == EventKind.EXTENDED:
            appeal.forget_extension()
        else:
            appeal.resume()
