"""Finding the appeal that waits for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.errors import MoveError
from voiceline.models import Appeal
from voiceline.rules.lifecycle import AppealStatus

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.models import RequestedRight


def open_appeal(session: Session, right: RequestedRight) -> Appeal:
    """Answer the right's appeal that is not decided yet, or raise MoveError."""
    found = session.scalar(
        select(Appeal).where(Appeal.right_id == right.id, Appeal.status == AppealStatus.OPEN)
    )
    if found is None:
        raise MoveError("There is no appeal to decide.")
    return found
