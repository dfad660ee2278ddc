"""The verbs of a forgotten password: a link for an hour, a new password, and no session anywhere.

It opens no session, so it leads past no second factor, and it touches none (ASVS 5.0, 6.4.3). The
caller of a verb commits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from voiceline import account_links
from voiceline.account_mails import owe_mail, tell_changed
from voiceline.accounts import keep_password
from voiceline.email_addresses import read_email
from voiceline.errors import UserError
from voiceline.limits import limit_key, take
from voiceline.models import AccountLink, Business, DeliveryKind, LinkPurpose, Membership, User
from voiceline.reach import across

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

MOST_A_DAY = 5
DAY = timedelta(days=1)


def ask(session: Session, email: str, *, secret: str, at: datetime) -> None:
    """Owe a link to whoever signs in with the address; for nobody's the same is done.

    What is no address can be nobody's.
    """
    address = read_email(email[:400])
    if address is None:
        return
    key = limit_key("reset/user", address, secret)
    if take(session, key=key, allowance=MOST_A_DAY, window=DAY, at=at):
        owe_mail(session, DeliveryKind.PASSWORD_RESET, address, about=uuid4(), at=at)


def draw(
    session: Session, address: str, *, row_id: UUID, secret: str, at: datetime
) -> AccountLink | None:
    """Answer the link that a message tells, or None where no password would open anything."""
    known = session.get(AccountLink, row_id)
    if known is not None:
        return known
    user = session.scalar(select(User).where(User.email == address, User.disabled_at.is_(None)))
    if user is None or uses_providers_alone(session, user):
        return None
    return account_links.draw_link(
        session, LinkPurpose.PASSWORD, user, address, secret=secret, at=at, row_id=row_id
    )


def choose_password(session: Session, link: AccountLink, password_hash: str, at: datetime) -> None:
    """Give the link's person another password and end their sessions; raises UserError."""
    if uses_providers_alone(session, link.user):
        raise UserError("Your business asks you to sign in with its own provider, by no password.")
    account_links.use_link(session, link, at)
    keep_password(session, link.user, password_hash, at)
    tell_changed(session, link.user, "password_reset", at=at)


def uses_providers_alone(session: Session, user: User) -> bool:
    """Tell whether a password opens nothing for the person: each business asks for its provider."""
    asked = select(Business.single_sign_on_only).join(Membership)
    with across(session):
        rules = session.scalars(asked.where(Membership.user_id == user.id)).all()
    return bool(rules) and all(rules)
