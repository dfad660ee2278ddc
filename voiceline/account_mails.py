"""The verbs of mail about accounts: owed in its cause's transaction, within an address's share.

What a message says is decided when it is written: whether an address has an account is then looked
up, so that no form answers otherwise, or in another time, for an address that has one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from voiceline.deliveries import Owed, owe
from voiceline.limits import limit_key, take
from voiceline.models import DeliveryKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User

WINDOW = timedelta(hours=6)
PER_ADDRESS = 3
"""Messages a stranger can have sent to one address in six hours (warehouse's limit of re-sending).
"""


def may_mail(session: Session, address: str, *, secret: str, at: datetime) -> bool:
    """Count one message that nobody signed in asked for against its address's share."""
    key = limit_key("account/mail", address, secret)
    return take(session, key=key, allowance=PER_ADDRESS, window=WINDOW, at=at)


def owe_mail(
    session: Session,
    kind: DeliveryKind,
    address: str,
    *,
    about: UUID,
    at: datetime,
    user: User | None = None,
    business_id: UUID | None = None,
) -> None:
    """Owe a message about a row: a sign-up, an invitation, a link; each time another message."""
    owed = Owed(
        kind,
        key=f"{kind}/{about.hex}/{uuid4().hex}",
        business_id=business_id,
        address=address,
        user_id=user.id if user else None,
        facts={"about": str(about)},
    )
    owe(session, [owed], at=at)


def tell_changed(
    session: Session, user: User, what: str, *, at: datetime, address: str | None = None
) -> None:
    """Owe a person the word that what they sign in with was changed (ASVS 5.0, 6.3.7).

    `what` is one of jobs/account_messages.py's CHANGES; `address`: where it is told, if not at the
    person's own.
    """
    owed = Owed(
        DeliveryKind.ACCOUNT_CHANGED,
        key=f"{DeliveryKind.ACCOUNT_CHANGED}/{user.id.hex}/{uuid4().hex}",
        business_id=None,
        address=address or user.email,
        user_id=user.id,
        facts={"what": what},
    )
    owe(session, [owed], at=at)
