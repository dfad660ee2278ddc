"""The colleagues of a business to whom a request can be given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.errors import NotFoundError
from voiceline.models import Membership, Role, User

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

WORKING = (Role.AGENT, Role.ADMIN, Role.OWNER)
MOST_LISTED = 200


@dataclass(frozen=True)
class Colleague:
    """Somebody who works on requests, by name."""

    id: UUID
    name: str


def colleagues_of(session: Session, business_id: UUID) -> list[Colleague]:
    """Answer who works on the business's requests, by name."""
    rows = session.execute(
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == business_id,
            Membership.role.in_(WORKING),
            User.disabled_at.is_(None),
        )
        .order_by(User.name, User.id)
        .limit(MOST_LISTED)
    )
    return [Colleague(id_, name) for id_, name in rows]


def working(business_id: UUID) -> Select[UUID]:
    """Answer the query for who works on the business's requests."""
    return (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.business_id == business_id,
            Membership.role.in_(WORKING),
            User.disabled_at.is_(None),
        )
    )


def name_of_colleague(session: Session, business_id: UUID, user_id: UUID) -> str:
    """Answer the name, or raise NotFoundError for who is no colleague or only reads."""
    name = session.scalar(
        select(User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == business_id,
            Membership.role.in_(WORKING),
            User.id == user_id,
            User.disabled_at.is_(None),
        )
    )
    if name is None:
        raise NotFoundError("no such colleague")
    return name
