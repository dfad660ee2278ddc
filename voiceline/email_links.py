"""The verbs of the link that confirms an e-mail address.

It proves that whoever asks reads mail there, which helps to match what the business holds; nothing
waits for it, no clock and no answer. The token follows from the message's id and the installation's
secret key, so that a message written again says the same; the database has its SHA-256 alone.
Several links may be out; each works until it expires.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.limits import take
from voiceline.models import ConfirmationLink, EventKind, PrivacyRequest, ServiceCode
from voiceline.rules.rights import RIGHTS
from voiceline.web_mails import may_mail, owe_link

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.rules.rights import Right

LASTS = timedelta(days=7)
RESEND_WINDOW = timedelta(hours=6)
MOST_RESENT = 3
FORGOTTEN_AFTER = timedelta(days=30)
"""How long an expired link can still be told from one that never was."""


def may_confirm(rights: Iterable[Right | None]) -> bool:
    """Tell whether a confirmed address is worth anything to what is asked for.

    Never for opt-outs, limits and their like: not even this step may stand before them.
    """
    return any(right is not None and RIGHTS[right].may_verify for right in rights)


def is_wanted(request: PrivacyRequest) -> bool:
    """Tell whether the request has an address that was not confirmed and would help."""
    requester = request.requester
    if requester is None or requester.email is None or requester.email_confirmed_at is not None:
        return False
    return may_confirm(each.right for each in request.open_rights)


def link_token(delivery_id: UUID, secret: str) -> str:
    """Answer the token in that message: 43 characters, however often it is written."""
    digest = hmac.digest(secret.encode(), b"email link\0" + delivery_id.bytes, "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def draw_link(
    session: Session, request: PrivacyRequest, address: str, *, token: str, at: datetime
) -> ConfirmationLink:
    """Answer the link to that address that the token is; told of first, it begins now."""
    known = session.scalar(select(ConfirmationLink).filter_by(token_sha256=_digest(token)))
    if known is not None:
        return known
    link = ConfirmationLink(
        business_id=request.business_id,
        request_id=request.id,
        address=address,
        token_sha256=_digest(token),
        sent_at=at,
        expires_at=at + LASTS,
    )
    session.add(link)
    return link


def find_link(session: Session, token: str, at: datetime) -> ConfirmationLink | None:
    """Answer the link that the token is, with its request, unless it has expired."""
    return session.scalar(
        select(ConfirmationLink)
        .where(ConfirmationLink.token_sha256 == _digest(token), ConfirmationLink.expires_at > at)
        .options(
            joinedload(ConfirmationLink.request).joinedload(PrivacyRequest.requester),
            joinedload(ConfirmationLink.request)
            .joinedload(PrivacyRequest.service_code)
            .joinedload(ServiceCode.business),
        )
    )


def confirm(session: Session, token: str, *, at: datetime) -> ConfirmationLink | None:
    """Note that whoever has the link reads mail there; None where there is no such link.

    Followed twice it is one confirmation. An address that is no longer the requester's confirms
    nothing.
    """
    link = find_link(session, token, at)
    if link is None:
        return None
    request, requester = link.request, link.request.requester
    mine = select(PrivacyRequest.id).filter_by(id=request.id)
    session.execute(mine.with_for_update(key_share=True))
    if requester is not None:
        session.refresh(requester)
    link.followed_at = link.followed_at or at
    if requester is None or requester.email != link.address or requester.email_confirmed_at:
        return link
    requester.email_confirmed_at = at
    event = request.note_event(EventKind.EMAIL_CONFIRMED, at=at)
    session.flush()
    by, facts = audit.consumer(request), {"entry": str(event.id)}
    subject = audit.about(request)
    audit.write(
        session,
        Deed(request.business_id, Action.REQUEST_EMAIL_CONFIRMED, by, at, subject, facts),
    )
    return link


def send_again(session: Session, request: PrivacyRequest, *, secret: str, at: datetime) -> bool:
    """Owe another link, and tell whether there was still one to be had."""
    if not is_wanted(request) or request.requester is None or request.requester.email is None:
        return False
    address, key = request.requester.email, f"form/link/{request.id.hex}"
    if not take(session, key=key, allowance=MOST_RESENT, window=RESEND_WINDOW, at=at):
        return False
    if not may_mail(session, address, secret=secret, at=at):
        return False
    owe_link(session, request, address, at=at)
    return True


def forget_links(session: Session, *, at: datetime) -> int:
    """Delete the links that expired long ago; answer how many they were."""
    old = delete(ConfirmationLink).where(ConfirmationLink.expires_at < at - FORGOTTEN_AFTER)
    return len(session.scalars(old.returning(ConfirmationLink.id)).all())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
