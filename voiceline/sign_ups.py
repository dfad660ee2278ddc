"""The verbs of signing up: an account is asked for, and opened by the link that was mailed.

Nobody is a user, and no business is there, before somebody who reads mail at the address says so;
and whoever follows the link in another browser must know the password that was chosen. So nobody
can prepare an account for somebody else and wait for them to open it. The caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, select

from voiceline.account_mails import may_mail, owe_mail
from voiceline.accounts import LONGEST_NAME, add_member, keep_user, read_address
from voiceline.audit import staff
from voiceline.businesses import open_business
from voiceline.codes import assign_free_code
from voiceline.errors import UserError
from voiceline.mail_tokens import mail_token, token_hash
from voiceline.models import DeliveryKind, Role, SignUp, User
from voiceline.passwords import complaint_about
from voiceline.rules.plain_text import read_name
from voiceline.rules.retention import AccountTier
from voiceline.rules.time_zones import read_time_zone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Business

LASTS = timedelta(hours=24)
FORGOTTEN_AFTER = timedelta(days=7)
"""How long an old link can still be told from one that never was."""


@dataclass(frozen=True)
class Wish:
    """What somebody filled in, once it is good enough."""

    email: str
    name: str
    business_name: str
    time_zone: str


def read_wish(*, email: str, name: str, business_name: str, time_zone: str, password: str) -> Wish:
    """Answer what was filled in in one spelling, or raise UserError saying what to change."""
    address = read_address(email)
    person, business = read_name(name, LONGEST_NAME), read_name(business_name, LONGEST_NAME)
    if person is None:
        raise UserError("Tell us your name: your colleagues see it beside what you do.")
    if business is None:
        raise UserError("Tell us the name of your business: callers hear it.")
    zone = read_time_zone(time_zone)
    if complaint := complaint_about(password, email=address, names=(person, business)):
        raise UserError(complaint)
    return Wish(address, person, business, zone)


def ask(session: Session, wish: Wish, password_hash: str, *, secret: str, at: datetime) -> SignUp:
    """Keep the wish and owe its link; the same is done whether or not the address has an account.

    Beyond the address's share of mail it is kept, and nothing is sent.
    """
    row_id = uuid4()
    sign_up = SignUp(
        id=row_id,
        token_sha256=token_hash(mail_token(row_id, secret)),
        password_hash=password_hash,
        asked_at=at,
        expires_at=at + LASTS,
        **vars(wish),
    )
    session.add(sign_up)
    session.flush()
    if may_mail(session, wish.email, secret=secret, at=at):
        owe_mail(session, DeliveryKind.SIGN_UP, wish.email, about=row_id, at=at)
    return sign_up


def look_up(session: Session, token: str) -> SignUp | None:
    """Answer the sign-up that the token is, whatever became of it."""
    return session.scalar(select(SignUp).where(SignUp.token_sha256 == token_hash(token)))


def has_account(session: Session, email: str) -> bool:
    """Tell whether somebody signs in with the address."""
    return session.scalar(select(User.id).where(User.email == email)) is not None


def open_account(
    session: Session, sign_up: SignUp, at: datetime, *, trial: timedelta
) -> tuple[User, Business]:
    """Make the person, their business on trial, and its first code; raises UserError."""
    session.refresh(sign_up, with_for_update=True)
    if sign_up.followed_at is not None or at >= sign_up.expires_at:
        raise UserError("This link was used already, or is too old. Sign up again.")
    user = keep_user(session, sign_up.email, sign_up.name, sign_up.password_hash, at)
    sign_up.followed_at, sign_up.password_hash = at, None
    business = open_business(
        session,
        name=sign_up.business_name,
        tier=AccountTier.TRIAL,
        at=at,
        time_zone=sign_up.time_zone,
        trial_ends_at=at + trial,
    )
    assign_free_code(session, business, by=staff(user), at=at)
    add_member(session, business, user, Role.OWNER, at, by=staff(user))
    return user, business


def forget_address(session: Session, email: str) -> None:
    """Forget what was asked for under an address that somebody has proven another way."""
    session.execute(delete(SignUp).where(SignUp.email == email, SignUp.followed_at.is_(None)))


def forget_sign_ups(session: Session, at: datetime) -> int:
    """Delete the sign-ups whose links are too old; answer how many they were."""
    old = delete(SignUp).where(SignUp.expires_at < at - FORGOTTEN_AFTER)
    return len(session.scalars(old.returning(SignUp.id)).all())
