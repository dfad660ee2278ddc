"""The verbs of a business's domains: claimed, proved by a record in their DNS, checked, lost.

A domain counts while its DNS says what we asked for. What fails for 30 days counts no more, and the
owners are told. Functions leave the commit to their caller; none of them asks the DNS.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from voiceline import audit
from voiceline.audit import SYSTEM, Action, Deed
from voiceline.deliveries import Owed, owe
from voiceline.email_addresses import read_email
from voiceline.errors import NotFoundError, UserError
from voiceline.models import DeliveryKind, Membership, Role, User, VerifiedDomain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.models import Business

MOST = 20
CHECK_EVERY = timedelta(hours=12)
LOST_AFTER = timedelta(days=30)

NOBODYS = frozenset(
    re.findall(
        r"\S+",
        """
    ac.uk asn.au co.at co.id co.il co.in co.jp co.ke co.kr co.nz co.th co.uk co.za com.ar
    com.au com.br com.cn com.co com.hk com.mx com.my com.ng com.pe com.ph com.pl com.sg com.tr
    com.tw com.ua com.vn edu.au gov.au gov.uk id.au ltd.uk me.uk ne.jp net.au net.br net.nz
    net.uk nhs.uk or.jp org.au org.br org.nz org.uk org.za plc.uk sch.uk appspot.com
    azurewebsites.net blogspot.com cloudfront.net fly.dev github.io gitlab.io herokuapp.com
    netlify.app onrender.com pages.dev s3.amazonaws.com vercel.app web.app workers.dev 126.com
    163.com aim.com aol.com att.net bellsouth.net bt.com btinternet.com charter.net comcast.net
    cox.net duck.com earthlink.net email.com fastmail.com free.fr freenet.de gmail.com gmx.at
    gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.fr
    hushmail.com icloud.com inbox.com laposte.net libero.it live.co.uk live.com mac.com
    mail.com mail.ru me.com msn.com naver.com onmicrosoft.com orange.fr outlook.com pm.me
    posteo.de proton.me protonmail.ch protonmail.com qq.com rediffmail.com rocketmail.com
    sbcglobal.net sfr.fr t-online.de tutanota.com tuta.com verizon.net wanadoo.fr web.de
    yahoo.ca yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com
    zoho.com
        """,
    )
)
"""Where names are registered or mail is given away: no one business's own. Single names (`com`)
are refused besides."""


def record_name(domain: VerifiedDomain) -> str:
    """Answer where the record is looked for."""
    return f"_voiceline.{domain.domain}"


def record_value(domain: VerifiedDomain) -> str:
    """Answer what the record must say."""
    return f"voiceline-verify={domain.token}"


def domains_of(session: Session, business_id: UUID) -> list[VerifiedDomain]:
    """Answer the business's domains by name."""
    query = select(VerifiedDomain).where(VerifiedDomain.business_id == business_id)
    return list(session.scalars(query.order_by(VerifiedDomain.domain)))


def claim(
    session: Session, business: Business, text: str, *, by: User, at: datetime
) -> VerifiedDomain:
    """Note that a business says a domain is its own, or raise UserError."""
    domain = (read_email(f"x@{text.strip().lstrip('@').rstrip('.')}") or "").rpartition("@")[2]
    if not domain:
        raise UserError("That is no domain: write it as example.com.")
    if domain in NOBODYS:
        raise UserError(f"{domain} is used by many: it cannot be one business's own.")
    if len(domains_of(session, business.id)) >= MOST:
        raise UserError(f"A business has at most {MOST} domains here: remove one first.")
    row = VerifiedDomain(
        business_id=business.id, domain=domain, token=secrets.token_urlsafe(24), created_at=at
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UserError(f"{domain} is on the list already.") from None
    _prove(session, row, Action.BUSINESS_DOMAIN_ADDED, audit.staff(by), at)
    return row


def find(session: Session, business_id: UUID, domain_id: UUID) -> VerifiedDomain:
    """Answer one of the business's own domains, or raise NotFoundError."""
    own = VerifiedDomain.id == domain_id, VerifiedDomain.business_id == business_id
    row = session.scalar(select(VerifiedDomain).where(*own))
    if row is None:
        raise NotFoundError("no such domain")
    return row


def remove(session: Session, row: VerifiedDomain, *, by: User, at: datetime) -> None:
    """Let a domain count no more."""
    session.delete(row)
    session.flush()
    _prove(session, row, Action.BUSINESS_DOMAIN_REMOVED, audit.staff(by), at)


def note_check(
    session: Session,
    row: VerifiedDomain,
    found: Collection[str] | None,
    *,
    at: datetime,
    by: Actor = SYSTEM,
) -> None:
    """Note what the DNS said: its texts, or None where nobody answered.

    Raises UserError where the domain is another business's by now.
    """
    row.checked_at = at
    if found is not None and record_value(row) in found:
        row.failing_since = None
        if row.verified_at is None:
            _verify(session, row, by, at)
    elif row.verified_at is not None:
        row.failing_since = row.failing_since or at
        if at - row.failing_since >= LOST_AFTER:
            _lose(session, row, at)


def due_checks(session: Session, *, at: datetime, limit: int) -> Sequence[UUID]:
    """Answer verified domains nobody has asked the DNS about for a while, the oldest first."""
    rows = session.scalars(
        select(VerifiedDomain.id)
        .where(VerifiedDomain.verified_at.is_not(None))
        .where(or_(VerifiedDomain.checked_at.is_(None), _checked_before(at)))
        .order_by(VerifiedDomain.checked_at)
        .limit(limit)
    )
    return rows.all()


def _checked_before(at: datetime) -> ColumnElement[bool]:
    return VerifiedDomain.checked_at <= at - CHECK_EVERY


def _verify(session: Session, row: VerifiedDomain, by: Actor, at: datetime) -> None:
    try:
        with session.begin_nested():
            row.verified_at = at
    except IntegrityError:
        raise UserError(
            f"{row.domain} is verified for another account. If it is yours, ask the operator."
        ) from None
    _prove(session, row, Action.BUSINESS_DOMAIN_VERIFIED, by, at)


def _lose(session: Session, row: VerifiedDomain, at: datetime) -> None:
    row.verified_at, row.failing_since = None, None
    _prove(session, row, Action.BUSINESS_DOMAIN_LOST, SYSTEM, at)
    owners = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.business_id == row.business_id, Membership.role == Role.OWNER)
        .where(User.disabled_at.is_(None))
    )
    messages = [
        Owed(
            DeliveryKind.DOMAIN_LOST,
            key=f"domain_lost/{row.id.hex}/{owner.id.hex}/{at:%Y-%m-%d}",
            business_id=row.business_id,
            address=owner.email,
            user_id=owner.id,
            facts={"domain": row.domain},
        )
        for owner in session.scalars(owners.order_by(User.id)).all()
    ]
    owe(session, messages, at=at)


def _prove(session: Session, row: VerifiedDomain, action: Action, by: Actor, at: datetime) -> None:
    subject = audit.Subject("business", row.business_id)
    audit.write(session, Deed(row.business_id, action, by, at, subject, {"domain": str(row.id)}))
