"""The verbs of a business's team: who belongs to it, in which role, and how somebody leaves.

A business always has an owner who can sign in. Whoever leaves loses the business at their next
request, because a membership is read at each. The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.authority import (
    check_may_give,
    check_role,
    count_owners,
    lock_team,
    operators_business,
)
from voiceline.errors import NotFoundError, UserError
from voiceline.granted_places import end_with_place
from voiceline.invitations import revoke_made_by, revoke_offered_to
from voiceline.models import (
    CalendarAddress,
    InboxChoice,
    Membership,
    NoticeChoice,
    RequestRead,
    Role,
    SavedView,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

GOES_WITH_MEMBER = (NoticeChoice, CalendarAddress, InboxChoice, RequestRead)
"""What a person keeps of one business and loses with their place there: rows with `business_id`
and `user_id`."""

LAST_OWNER = "A business needs an owner who can sign in: make somebody else an owner first."


def members_of(
    session: Session, business_id: UUID, *, after: UUID | None = None, limit: int
) -> Sequence[Membership]:
    """Answer a business's members with who they are, in the order of their names.

    `after`: those behind this one; where it is nobody's here, from the beginning.
    """
    query = select(Membership).join(Membership.user).where(Membership.business_id == business_id)
    named = query.options(joinedload(Membership.user)).order_by(User.name, User.id)
    last = session.scalar(query.where(Membership.id == after)) if after else None
    if last is not None:
        behind = tuple_(User.name, User.id) > (last.user.name, last.user.id)
        named = named.where(behind)
    return session.scalars(named.limit(limit)).all()


def find_member(session: Session, business_id: UUID, membership_id: UUID) -> Membership:
    """Answer the place of that id in that business; raises NotFoundError."""
    found = session.scalar(
        select(Membership)
        .where(Membership.id == membership_id, Membership.business_id == business_id)
        .options(joinedload(Membership.user))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("no such member")
    return found


def is_last_owner(session: Session, member: Membership) -> bool:
    """Tell whether nobody who can sign in would own the business without this member."""
    if member.role != Role.OWNER:
        return False
    return count_owners(session, member.business_id, but=member.user_id) == 0


def change_role(
    session: Session, business_id: UUID, membership_id: UUID, role: Role, *, by: User, at: datetime
) -> Membership:
    """Give a member another role, or raise UserError; it counts from their next request."""
    lock_team(session, business_id)
    own = check_role(session, business_id, by, Role.ADMIN)
    member = find_member(session, business_id, membership_id)
    was = member.role
    check_may_give(own, was)
    check_may_give(own, role)
    if was == role:
        return member
    if is_last_owner(session, member):
        raise UserError(LAST_OWNER)
    member.role = role
    revoke_made_by(session, business_id, member.user, above=role, at=at)
    if not role.covers(Role.AGENT):
        _end_grants(session, member, by, at)
    facts = {"from": was.value, "to": role.value}
    _prove(session, member, Action.PERSON_ROLE_CHANGED, by, at, facts)
    return member


def remove(
    session: Session, business_id: UUID, membership_id: UUID, *, by: User, at: datetime
) -> Membership:
    """End somebody else's place in the business, or raise UserError."""
    lock_team(session, business_id)
    own = check_role(session, business_id, by, Role.ADMIN)
    member = find_member(session, business_id, membership_id)
    check_may_give(own, member.role)
    _end(session, member, by, at)
    return member


def leave(session: Session, business_id: UUID, *, by: User, at: datetime) -> None:
    """End one's own place in the business, or raise UserError."""
    lock_team(session, business_id)
    mine = (Membership.business_id == business_id, Membership.user_id == by.id)
    place = session.scalar(select(Membership.id).where(*mine))
    if place is None:
        raise NotFoundError("no such member")
    _end(session, find_member(session, business_id, place), by, at)


def _end(session: Session, member: Membership, by: User, at: datetime) -> None:
    if is_last_owner(session, member):
        raise UserError(LAST_OWNER)
    revoke_made_by(session, member.business_id, member.user, above=None, at=at)
    revoke_offered_to(session, member.business_id, member.user.email, at=at)
    for table in GOES_WITH_MEMBER:
        theirs = (table.business_id == member.business_id, table.user_id == member.user_id)
        session.execute(delete(table).where(*theirs))
    own = (SavedView.business_id == member.business_id, SavedView.user_id == member.user_id)
    session.execute(delete(SavedView).where(*own, SavedView.shared.is_(False)))
    session.delete(member)
    _end_grants(session, member, by, at)
    _prove(session, member, Action.PERSON_LEFT, by, at, {"role": member.role.value})


def _end_grants(session: Session, member: Membership, by: User, at: datetime) -> None:
    """Let somebody of the operator's read no other business; before a trail is held."""
    if operators_business(session) == member.business_id:
        end_with_place(session, member.user_id, by=by, at=at)


def _prove(
    session: Session,
    member: Membership,
    action: Action,
    by: User,
    at: datetime,
    facts: dict[str, str],
) -> None:
    session.flush()
    subject, actor = audit.about(member.user), audit.staff(by)
    audit.write(session, Deed(member.business_id, action, actor, at, subject, facts))
