"""The verbs of refused access: who asked for what is another business's, in whose trail it stands.

What is asked for may not exist at all. The work is then the same, so that the time an answer takes
tells nothing, either; and it is bounded, because a trail can never be made shorter again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select

from voiceline import audit
from voiceline.audit import Action, Actor, Deed, Subject
from voiceline.limits import limit_key, take
from voiceline.models import ActorKind, AuditChain, PrivacyRequest, ServiceCode
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import User

NOTED = 100
NOTED_WINDOW = timedelta(hours=1)
"""Whoever tries addresses by the thousand is noted so often, and refused every time."""


def note_business(
    session: Session, business_id: UUID, user: User, *, secret: str, at: datetime
) -> None:
    """Note that the person asked for a business that is not theirs, in that business's trail.

    By id alone: the person is no colleague there, and the name is none of theirs. Where there is
    no such business, it is the operator's trail that tells of it.
    """
    asked = select(AuditChain.business_id).where(AuditChain.business_id == business_id)
    operator = select(ServiceCode.business_id).where(ServiceCode.code == OPERATOR_CODE)
    chain = session.scalar(
        select(func.coalesce(asked.scalar_subquery(), operator.scalar_subquery()))
    )
    if chain is not None and _within(session, user, secret, at):
        stranger = Actor(ActorKind.STAFF, user.id)
        subject = Subject("business", business_id)
        audit.write_once(session, Deed(chain, Action.ACCESS_REFUSED, stranger, at, subject))


def note_console(session: Session, user: User, *, secret: str, at: datetime) -> None:
    """Note in the operator's trail that somebody else asked for a page of its console."""
    operator = session.scalar(
        select(ServiceCode.business_id).where(ServiceCode.code == OPERATOR_CODE)
    )
    if operator is not None and _within(session, user, secret, at):
        stranger, subject = Actor(ActorKind.STAFF, user.id), Subject("business", operator)
        audit.write_once(session, Deed(operator, Action.ACCESS_REFUSED, stranger, at, subject))


def note_request(
    session: Session,
    business_id: UUID,
    request_id: UUID,
    user: User,
    *,
    secret: str,
    at: datetime,
) -> None:
    """Note that a colleague asked for a request that is not the business's, in its own trail."""
    own = exists().where(PrivacyRequest.business_id == business_id, PrivacyRequest.id == request_id)
    if not session.scalar(select(own)) and _within(session, user, secret, at):
        by, subject = audit.staff(user), Subject("request", request_id)
        audit.write_once(session, Deed(business_id, Action.ACCESS_REFUSED, by, at, subject))


def _within(session: Session, user: User, secret: str, at: datetime) -> bool:
    key = limit_key("access.refused", str(user.id), secret)
    return take(session, key=key, allowance=NOTED, window=NOTED_WINDOW, at=at)
