"""What people's accounts go through, as entries in the trail of each business they work for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import exists, select

from voiceline import audit
from voiceline.audit import SYSTEM, Action, Deed, Subject
from voiceline.models import AuditEntry, Membership
from voiceline.reach import across

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.audit.deeds import Plain
    from voiceline.models import User

REFUSED_AGAIN = timedelta(hours=1)
"""Whoever tries a person's passwords makes one entry an hour, however often they try."""


def prove(
    session: Session,
    user: User,
    action: Action,
    at: datetime,
    *,
    by: Actor | None = None,
    **facts: Plain,
) -> None:
    """Write into the trail of each of the person's businesses."""
    places = select(Membership.business_id).where(Membership.user_id == user.id)
    actor, subject = by or audit.staff(user), audit.about(user)
    with across(session):
        mine = session.scalars(places.order_by(Membership.business_id)).all()
    audit.write_each(session, *(Deed(each, action, actor, at, subject, facts) for each in mine))


def note_refused(session: Session, user: User | None, at: datetime) -> None:
    """Write that somebody was refused under a person's address, once an hour.

    For an address that is nobody's the same is asked of the database, so that an answer takes as
    long; only the first in an hour writes.
    """
    lately = exists().where(
        AuditEntry.business_id == Membership.business_id,
        AuditEntry.subject_id == Membership.user_id,
        AuditEntry.action == Action.PERSON_SIGN_IN_REFUSED.value,
        AuditEntry.at > at - REFUSED_AGAIN,
    )
    subject = audit.about(user) if user else Subject("person", uuid4())
    places = select(Membership.business_id).where(Membership.user_id == subject.id, ~lately)
    with across(session):
        mine = session.scalars(places.order_by(Membership.business_id)).all()
    for business_id in mine:
        deed = Deed(business_id, Action.PERSON_SIGN_IN_REFUSED, SYSTEM, at, subject)
        audit.write_once(session, deed, within=REFUSED_AGAIN)
