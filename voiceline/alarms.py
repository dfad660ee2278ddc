"""The verbs of alarms: the operator's owners and admins are told of what must not wait, daily.

Whether there is still cause is asked anew each time; who was told today is the outbox's own unique
key, so nobody is told twice.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.deliveries import Owed, owe
from voiceline.intake import operator_code
from voiceline.models import DeliveryKind, Membership, Role, User

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

TOLD = (Role.OWNER, Role.ADMIN)


class Alarm(StrEnum):
    """What the alarm is about; jobs/alarm_message.py has the words."""

    CLOCK = "clock"
    """A clock is in doubt, and nothing expires."""
    UNDELETED = "undeleted"
    """The store refuses to delete what has expired."""
    MISSING = "missing"
    """The audio of voicemails is gone, here and at the carrier."""
    STRAYS = "strays"
    """The store has objects of which no row ever spoke."""
    UNERASED = "unerased"
    """A place refuses for over a day what was ordered to be erased."""


def alarm(
    session: Session, about: Alarm, facts: dict[str, str], *, at: datetime, of: str | None = None
) -> None:
    """Owe the operator's people the word of it, once a day (UTC), or once `of` that thing."""
    key = f"{about}/{of or format(at, '%Y-%m-%d')}"
    tell_operator(session, DeliveryKind.ALARM, key, {"about": about, **facts}, at)


def tell_operator(
    session: Session, kind: DeliveryKind, about: str, facts: dict[str, str], at: datetime
) -> None:
    """Owe each of the operator's owners and admins one message about this."""
    tell_people(session, operator_code(session).business_id, TOLD, kind, about, facts, at=at)


def tell_people(
    session: Session,
    business_id: UUID,
    roles: Collection[Role],
    kind: DeliveryKind,
    about: str,
    facts: dict[str, str],
    *,
    at: datetime,
) -> None:
    """Owe each of a business's people in these roles one message about this."""
    people = session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == business_id,
            Membership.role.in_(roles),
            User.disabled_at.is_(None),
        )
    )
    mails = [
        Owed(kind, f"{kind}/{about}/{id_.hex}", business_id, email, user_id=id_, facts=facts)
        for id_, email in people
    ]
    owe(session, mails, at=at)
