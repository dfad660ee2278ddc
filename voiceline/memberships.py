"""A person's places in businesses: what they may be at all, before what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, with_expression

from voiceline.errors import NotFoundError
from voiceline.models import Business, Membership, ServiceCode
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import User


def memberships_of(session: Session, user: User) -> list[Membership]:
    """Answer a person's places, with their businesses, by name; and which is the operator's."""
    query = select(Membership).join(Membership.business).where(Membership.user_id == user.id)
    ours = exists().where(
        ServiceCode.business_id == Membership.business_id, ServiceCode.code == OPERATOR_CODE
    )
    told = (joinedload(Membership.business), with_expression(Membership.is_operators, ours))
    return list(session.scalars(query.options(*told).order_by(Business.name, Business.id)))


def find_membership(session: Session, user: User, business_id: UUID) -> Membership:
    """Answer a person's place in the business, or raise NotFoundError as if there were none."""
    member = session.scalar(
        select(Membership)
        .where(Membership.user_id == user.id, Membership.business_id == business_id)
        .options(joinedload(Membership.business))
    )
    if member is None:
        raise NotFoundError("no such business")
    return member
