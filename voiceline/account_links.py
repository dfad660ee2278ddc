"""The verbs of mailed links about accounts: drawing one, finding it by its token, using it once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from voiceline.errors import UserError
from voiceline.mail_tokens import mail_token, token_hash
from voiceline.models import AccountLink, LinkPurpose

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import User

LASTS = {
    LinkPurpose.PASSWORD: timedelta(hours=1),
    LinkPurpose.NEW_ADDRESS: timedelta(hours=24),
    LinkPurpose.KEEP_ADDRESS: timedelta(hours=72),
    LinkPurpose.NOTIFY_ADDRESS: timedelta(hours=24),
}
FORGOTTEN_AFTER = timedelta(days=30)
"""How long an expired link can still be told from one that never was."""

USED = "This link was used already, or is too old. Ask for another one."


def draw_link(
    session: Session,
    purpose: LinkPurpose,
    user: User,
    address: str,
    *,
    secret: str,
    at: datetime,
    row_id: UUID | None = None,
    business_id: UUID | None = None,
) -> AccountLink:
    """Keep a link of which only its message will know the token."""
    row_id = row_id or uuid4()
    link = AccountLink(
        id=row_id,
        purpose=purpose,
        token_sha256=token_hash(mail_token(row_id, secret)),
        user_id=user.id,
        business_id=business_id,
        address=address,
        sent_at=at,
        expires_at=at + LASTS[purpose],
    )
    session.add(link)
    session.flush()
    return link


def find_link(
    session: Session, token: str, at: datetime, *purposes: LinkPurpose
) -> AccountLink | None:
    """Answer the link that the token is, if it is for one of these and can still be used."""
    found = session.scalar(
        select(AccountLink)
        .where(AccountLink.token_sha256 == token_hash(token), AccountLink.purpose.in_(purposes))
        .options(joinedload(AccountLink.user), joinedload(AccountLink.business))
    )
    return found if found is not None and _holds(found, at) else None


def use_link(session: Session, link: AccountLink, at: datetime) -> None:
    """Use the link, once: of two at the same moment the second raises UserError."""
    row = select(AccountLink).where(AccountLink.id == link.id).with_for_update()
    session.scalar(row.execution_options(populate_existing=True))
    if not _holds(link, at):
        raise UserError(USED)
    link.used_at = at


def void_links(session: Session, user: User, at: datetime, *purposes: LinkPurpose) -> None:
    """Let a person's links for these purposes lead nowhere from now on."""
    session.execute(
        update(AccountLink)
        .where(
            AccountLink.user_id == user.id,
            AccountLink.purpose.in_(purposes),
            AccountLink.used_at.is_(None),
        )
        .values(used_at=at)
    )


def void_business(session: Session, business_id: UUID, at: datetime) -> None:
    """Let the links about a business's own address lead nowhere from now on."""
    mine = (AccountLink.business_id == business_id, AccountLink.used_at.is_(None))
    session.execute(update(AccountLink).where(*mine).values(used_at=at))


def pending_address(session: Session, business_id: UUID, at: datetime) -> str | None:
    """Answer the address that was asked for and has not proven itself yet."""
    mine = (AccountLink.business_id == business_id, AccountLink.used_at.is_(None))
    return session.scalar(
        select(AccountLink.address)
        .where(*mine, AccountLink.expires_at > at)
        .order_by(AccountLink.sent_at.desc())
        .limit(1)
    )


def forget_links(session: Session, at: datetime) -> int:
    """Delete the links that expired long ago; answer how many they were."""
    old = delete(AccountLink).where(AccountLink.expires_at < at - FORGOTTEN_AFTER)
    return len(session.scalars(old.returning(AccountLink.id)).all())


def _holds(link: AccountLink, at: datetime) -> bool:
    return link.used_at is None and at < link.expires_at and link.user.disabled_at is None
