"""The verbs of another address to sign in with: it proves itself, and the old one may stop it.

The address of before is told at once, and for three days whoever reads mail there can stop the
change or take it back. That ends every session and the password, because somebody else had them,
and whatever was added meanwhile: passkeys, accounts of providers, an app's codes, recovery codes.
The caller of a verb commits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError

from voiceline import account_links
from voiceline.account_mails import may_mail, owe_mail, tell_changed
from voiceline.account_proofs import prove
from voiceline.accounts import read_address
from voiceline.audit import Action
from voiceline.errors import UserError
from voiceline.limits import take
from voiceline.login_sessions import sign_out_everywhere
from voiceline.models import (
    AccountLink,
    CodeApp,
    DeliveryKind,
    Identity,
    LinkPurpose,
    Passkey,
    PendingSignIn,
    RecoveryCode,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User

LIMITS = ((5, timedelta(minutes=5)), (20, timedelta(hours=1)))
CHANGING = (LinkPurpose.NEW_ADDRESS, LinkPurpose.KEEP_ADDRESS)


def check_limits(session: Session, user: User, what: str, at: datetime) -> None:
    """Count one wish to have mail sent to another address; raises UserError beyond the limits."""
    for allowance, window in LIMITS:
        key = f"{what}/{int(window.total_seconds())}/{user.id.hex}"
        if not take(session, key=key, allowance=allowance, window=window, at=at):
            raise UserError("That was too often in a short time. Wait an hour, then try again.")


def ask(session: Session, user: User, new: str, *, secret: str, at: datetime) -> str:
    """Owe a link to the new address and word to the old one; answer the new one.

    Whether the new one is somebody else's is told to whoever reads mail there, and nobody else.
    """
    address = read_address(new)
    if address == user.email:
        raise UserError("You sign in with this address already.")
    check_limits(session, user, "address", at)
    account_links.void_links(session, user, at, LinkPurpose.NEW_ADDRESS)
    for purpose, to in zip(CHANGING, (address, user.email), strict=True):
        link = account_links.draw_link(session, purpose, user, to, secret=secret, at=at)
        if purpose == LinkPurpose.KEEP_ADDRESS or may_mail(session, to, secret=secret, at=at):
            owe_mail(session, DeliveryKind(purpose.value), to, about=link.id, at=at, user=user)
    return address


def change(session: Session, link: AccountLink, at: datetime) -> None:
    """Let the person sign in with the address that has proven itself; raises UserError."""
    account_links.use_link(session, link, at)
    user, old = link.user, link.user.email
    if not _take_address(session, user, link.address):
        raise UserError("Somebody else signs in with this address. Yours stays as it was.")
    account_links.void_links(session, user, at, LinkPurpose.PASSWORD)
    prove(session, user, Action.PERSON_ADDRESS_CHANGED, at)
    tell_changed(session, user, "address", at=at, address=old)


def keep(session: Session, link: AccountLink, at: datetime) -> None:
    """Stop the change or take it back, and let nobody in with what they had before.

    Raises UserError where the address is somebody else's by now.
    """
    account_links.use_link(session, link, at)
    user = link.user
    if user.email != link.address and not _take_address(session, user, link.address):
        raise UserError("Somebody else signs in with this address by now. Ask your operator.")
    account_links.void_links(session, user, at, *CHANGING, LinkPurpose.PASSWORD)
    user.password_hash = None
    _end_ways_since(session, user, link.sent_at)
    sign_out_everywhere(session, user, at=at)
    owe_mail(session, DeliveryKind.PASSWORD_RESET, user.email, about=uuid4(), at=at, user=user)
    prove(session, user, Action.PERSON_ADDRESS_KEPT, at)
    tell_changed(session, user, "address_kept", at=at)


def _end_ways_since(session: Session, user: User, moment: datetime) -> None:
    """Let nothing open the account that was added since, nor a sign-in that is under way."""
    for way in (Passkey, Identity, RecoveryCode):
        session.execute(delete(way).where(way.user_id == user.id, way.created_at >= moment))
    # counted from its first code: a key that waited for one is shown to whoever is signed in
    added = or_(CodeApp.confirmed_at.is_(None), CodeApp.confirmed_at >= moment)
    session.execute(delete(CodeApp).where(CodeApp.user_id == user.id, added))
    session.execute(delete(PendingSignIn).where(PendingSignIn.user_id == user.id))


def _take_address(session: Session, user: User, address: str) -> bool:
    """Give the person the address, unless it is somebody's."""
    try:
        with session.begin_nested():
            user.email = address
    except IntegrityError:
        session.refresh(user)
        return False
    return True
