"""Messages the form owes to the address that was filled in: a receipt, and a link.

Nothing that somebody typed is in them but the address they go to, so that the form is no way to
send words of one's own to a stranger.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from voiceline.database import insert_once
from voiceline.limits import limit_key, take
from voiceline.models import Delivery, DeliveryKind
from voiceline.outbox import OFFER_AFTER
from voiceline.rules.lifecycle import DeliveryStatus

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest

WINDOW = timedelta(days=1)
PER_ADDRESS = 10
"""Messages a day to one e-mail address, whoever's it is."""


def may_mail(session: Session, address: str, *, secret: str, at: datetime) -> bool:
    """Count what one form sends against the share of the e-mail address."""
    key = limit_key("form/mail", address, secret)
    return take(session, key=key, allowance=PER_ADDRESS, window=WINDOW, at=at)


def owe_receipt(session: Session, request: PrivacyRequest, address: str, *, at: datetime) -> None:
    """Owe the consumer the receipt of what they asked; once."""
    _owe(session, request, DeliveryKind.RECEIPT, address, f"receipt/{request.id.hex}", at)


def owe_link(session: Session, request: PrivacyRequest, address: str, *, at: datetime) -> None:
    """Owe the consumer a link that confirms the address; asked for again, another one."""
    key = f"email_link/{request.id.hex}/{uuid4().hex}"
    _owe(session, request, DeliveryKind.EMAIL_LINK, address, key, at)


def kinds_owed(session: Session, request: PrivacyRequest) -> frozenset[DeliveryKind]:
    """Answer what was, or will be, sent about the request."""
    kinds = select(Delivery.kind).where(Delivery.request_id == request.id).distinct()
    return frozenset(session.scalars(kinds))


def _owe(
    session: Session,
    request: PrivacyRequest,
    kind: DeliveryKind,
    address: str,
    key: str,
    at: datetime,
) -> None:
    session.execute(
        insert_once(session, Delivery).values(
            id=uuid4(),
            business_id=request.business_id,
            request_id=request.id,
            key=key,
            kind=kind,
            status=DeliveryStatus.PENDING,
            attempts=0,
            address=address,
            created_at=at,
            due_at=at + OFFER_AFTER,
        )
    )
