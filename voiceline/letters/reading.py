"""Reading the letters of a request, and the appeals that letters tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from voiceline.errors import NotFoundError
from voiceline.models import Appeal, Letter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest

MOST = 200


def letters_of(session: Session, request: PrivacyRequest) -> Sequence[Letter]:
    """Answer what was sent, newest first, each with its sender and what became of its e-mail."""
    return session.scalars(
        select(Letter)
        .where(Letter.request_id == request.id)
        .options(joinedload(Letter.delivery), joinedload(Letter.kept_by))
        .order_by(Letter.kept_at.desc(), Letter.id)
        .limit(MOST)
    ).all()


def appeals_of(session: Session, request: PrivacyRequest) -> Sequence[Appeal]:
    """Answer the request's appeals, oldest first."""
    return session.scalars(
        select(Appeal)
        .where(Appeal.request_id == request.id)
        .order_by(Appeal.received_on, Appeal.noted_at)
    ).all()


def find_letter(session: Session, request: PrivacyRequest, letter_id: UUID) -> Letter:
    """Answer the request's letter with that id, or raise NotFoundError."""
    letter = session.scalar(
        select(Letter)
        .where(Letter.request_id == request.id, Letter.id == letter_id)
        .options(joinedload(Letter.delivery), joinedload(Letter.kept_by))
    )
    if letter is None:
        raise NotFoundError("no such letter")
    return letter
