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
    from datetime import datetime

    from sqlalchemy.orm import Session

TOLD = (Role.OWNER, Role.ADMIN)


class Alarm(StrEnum):
    """What the alarm is about; jobs/alarm_message.py has the words."""

    CLOCK = "clock"
    """A clock is in doubt, and nothing expires."""
    UNDELETED = "undeleted"
    """The store refuses to delete what has expired."""


def alarm(session: Session, about: Alarm, facts: dict[str, str], *, at: datetime) -> None:
    """Owe the operator's people the word of it, once a day (UTC)."""
    tell_operator(
        session, DeliveryKind.ALARM, f"{about}/{at:%Y-%m-%d}", {"about": about, **facts}, at
    )


def tell_operator(
    session: Session, kind: DeliveryKind, about: str, facts: dict[str, str], at: datetime
) -> None:
    """Owe each of the operator's owners and admins one message about this."""
    operator = operator_code(session).business_id
    people = session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == operator,
            Membership.role.in_(TOLD),
            User.disabled_at.is_(None),
        )
    )
    mails = [
        Owed(kind, f"{kind}/{about}/{id_.hex}", operator, email, user_id=id_, facts=facts)
        for id_, email in people
    ]
    owe(session, mails, at=at)
