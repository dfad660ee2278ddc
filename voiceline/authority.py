"""What a colleague may decide about others: read anew, under the lock of the business's team.

Two owners who act at the same moment follow one another, and the second finds what the first did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from voiceline.errors import NotFoundError, UserError
from voiceline.models import Business, Membership, Role, ServiceCode, User
from voiceline.reach import across
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session


def lock_team(session: Session, business_id: UUID) -> Business:
    """Answer the business, locked against whoever changes its team or its account meanwhile.

    Not against a caller whose request is filed: its row only refers to the business.
    """
    query = select(Business).where(Business.id == business_id)
    found = session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("no such business")
    return found


def check_role(session: Session, business_id: UUID, user: User, needed: Role) -> Role:
    """Answer the person's role as it is now; raises UserError where it does not cover the other."""
    query = select(Membership.role).where(
        Membership.business_id == business_id, Membership.user_id == user.id
    )
    role = session.scalar(query)
    if role is None:
        raise NotFoundError("no such business")
    if not role.covers(needed):
        raise UserError(
            f"Your role was changed a moment ago: this now needs {_WITH_ARTICLE[needed]}."
        )
    return role


def operators_business(session: Session) -> UUID | None:
    """Answer which business the operator is, if there is one."""
    with across(session):
        keyed = select(ServiceCode.business_id).where(ServiceCode.code == OPERATOR_CODE)
        return session.scalar(keyed)


def operators_role(session: Session, user_id: UUID) -> Role | None:
    """Answer which role somebody who can sign in has in the operator's own business, if any."""
    query = (
        select(Membership.role)
        .join(User, User.id == Membership.user_id)
        .join(ServiceCode, ServiceCode.business_id == Membership.business_id)
        .where(
            ServiceCode.code == OPERATOR_CODE,
            Membership.user_id == user_id,
            User.disabled_at.is_(None),
        )
    )
    with across(session):
        return session.scalar(query)


def check_operator(session: Session, user: User, needed: Role) -> None:
    """Raise for who is not the operator's, or not in such a role any more."""
    role = operators_role(session, user.id)
    if role is None:
        raise NotFoundError("no such page")
    if not role.covers(needed):
        raise UserError(
            f"Your role was changed a moment ago: this now needs {_WITH_ARTICLE[needed]}."
        )


def check_may_give(own: Role, role: Role) -> None:
    """Raise UserError where somebody would give, or take, a role above their own."""
    if not own.covers(role):
        raise UserError(f"Only {_WITH_ARTICLE[role]} can give or take the role of {role.value}.")


def count_owners(session: Session, business_id: UUID, *, but: UUID | None = None) -> int:
    """Answer how many owners can sign in, but for one person."""
    query = (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.business_id == business_id,
            Membership.role == Role.OWNER,
            User.disabled_at.is_(None),
        )
    )
    if but is not None:
        query = query.where(Membership.user_id != but)
    return session.scalar(query) or 0


_WITH_ARTICLE = {
    Role.VIEWER: "a viewer",
    Role.AGENT: "an agent",
    Role.ADMIN: "an admin",
    Role.OWNER: "an owner",
}
