"""The verbs of reading under a grant: the place it gives, for as long as it runs, and its proof.

Who leaves the operator's business, or may only read there, has none: what they asked for ends then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.authority import lock_team
from voiceline.grants import OPEN, deeds_of
from voiceline.models import AccessGrant, GrantState, Role
from voiceline.reach import across

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Business, Membership, User


ENDS = {GrantState.ASKED: Action.GRANT_TAKEN_BACK, GrantState.RUNNING: Action.GRANT_ENDED}


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


def end_with_place(session: Session, user_id: UUID, *, by: User, at: datetime) -> None:
    """End all that somebody may read, or asked to, because of who they are no more at the operator.

    Both trails say it. The businesses are held first and all is written at once, each in the order
    of ids, so that nobody waits in a circle for an owner who decides at that moment.
    """
    with across(session):
        theirs = select(AccessGrant).where(
            AccessGrant.user_id == user_id,
            AccessGrant.refused_at.is_(None),
            AccessGrant.ended_at.is_(None),
        )
        for business_id in sorted({grant.business_id for grant in session.scalars(theirs)}):
            lock_team(session, business_id)
        held = theirs.order_by(AccessGrant.id).with_for_update()
        grants = session.scalars(held.execution_options(populate_existing=True)).all()
        deeds = []
        for grant in grants:
            state = grant.state(at)
            if state in OPEN:
                grant.end(by, at)
                actor = audit.operators(by)
                deeds += deeds_of(session, grant, ENDS[state], actor, at)
        session.flush()
        audit.write_each(session, *deeds)


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
