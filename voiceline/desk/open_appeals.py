"""Finding appeals: the one that waits for a decision, and the newest of each right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.errors import MoveError
from voiceline.models import Appeal
from voiceline.rules.lifecycle import AppealStatus

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, RequestedRight


def open_appeal(session: Session, right: RequestedRight) -> Appeal:
    """Answer the right's appeal that is not decided yet, or raise MoveError."""
    found = session.scalar(
        select(Appeal).where(Appeal.right_id == right.id, Appeal.status == AppealStatus.OPEN)
    )
    if found is None:
        raise MoveError("There is no appeal to decide.")
    return found


def newest_appeals(session: Session, request: PrivacyRequest) -> dict[UUID, Appeal]:
    """Answer the newest appeal of each right that has one, by the right's id."""
    rows = session.scalars(
        select(Appeal)
        .where(Appeal.request_id == request.id, Appeal.status != AppealStatus.STRUCK)
        .order_by(Appeal.noted_at)
    )
    return {appeal.right_id: appeal for appeal in rows}
