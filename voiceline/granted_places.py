"""The verbs of reading under a grant: the place it gives, for as long as it runs, and its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.models import AccessGrant, Role

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Business, Membership, User


@dataclass(frozen=True)
class GrantedPlace:
    """A reader's place in a business under a running grant; like a membership, and never a row."""

    grant: AccessGrant
    through: Membership
    """The person's place in the operator's business, whose rules of signing in hold."""
    role: Role = Role.VIEWER
    is_operators: bool = False

    @property
    def business(self) -> Business:
        """The business that is read."""
        return self.grant.business

    @property
    def business_id(self) -> UUID:
        """The id of the business that is read."""
        return self.grant.business_id

    @property
    def user_id(self) -> UUID:
        """Who reads."""
        return self.grant.user_id

    @property
    def created_at(self) -> datetime:
        """When the place began."""
        return self.grant.approved_at or self.grant.asked_at

    @property
    def first_steps_hidden_at(self) -> datetime:
        """First steps are for who stays."""
        return self.created_at


def find_place(
    session: Session, business_id: UUID, through: Membership, *, at: datetime
) -> GrantedPlace | None:
    """Answer the place that a person of the operator's has in a business at this moment, if any.

    Who left the operator and came back since the approval asks again.
    """
    if not through.role.covers(Role.AGENT):
        return None
    found = select(AccessGrant).where(
        AccessGrant.business_id == business_id,
        AccessGrant.user_id == through.user_id,
        AccessGrant.approved_at >= through.created_at,
        AccessGrant.ends_at > at,
        AccessGrant.ended_at.is_(None),
        AccessGrant.refused_at.is_(None),
    )
    grant = session.scalar(found.options(joinedload(AccessGrant.business)).limit(1))
    return GrantedPlace(grant, through) if grant is not None else None


def note_read(
    session: Session,
    place: GrantedPlace,
    page: str,
    user: User,
    *,
    request_id: UUID | None,
    at: datetime,
    once: bool = False,
) -> None:
    """Prove that somebody read a page under a grant; `once` a sitting, where a page asks itself."""
    about = ("request", request_id) if request_id else ("grant", place.grant.id)
    subject = audit.Subject(*about, request_id)
    facts = {"grant": str(place.grant.id), "page": page}
    by = audit.operators(user)
    deed = Deed(place.business_id, Action.GRANT_READ, by, at, subject, facts)
    if once:
        audit.write_once(session, deed)
    else:
        audit.write(session, deed)
