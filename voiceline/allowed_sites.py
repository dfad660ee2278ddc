"""The verbs of where a business's form may be shown; without one it is shown nowhere but here."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from voiceline import audit
from voiceline.audit import Action, Actor, Deed
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, UserError
from voiceline.models import AllowedSite, ServiceCode
from voiceline.rules.origins import read_origin

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Business

MOST_SITES = 20
"""More would make the header that lists them longer than some proxies pass on."""


def allow_site(session: Session, business: Business, site: str, *, by: Actor, at: datetime) -> str:
    """Let the form be shown on the site's pages; answer the site as browsers compare it."""
    origin = _read(site)
    known = sites_of(session, business)
    if origin in known:
        return origin
    if len(known) >= MOST_SITES:
        raise UserError(f"{business.name} has {MOST_SITES} sites, the most there can be.")
    session.execute(
        insert_once(session, AllowedSite).values(
            business_id=business.id, origin=origin, created_at=at
        )
    )
    _prove(session, business, Action.BUSINESS_SITE_ALLOWED, origin, by=by, at=at)
    return origin


def forbid_site(session: Session, business: Business, site: str, *, by: Actor, at: datetime) -> str:
    """Let the form be shown there no more, or raise NotFoundError where it never was."""
    origin = _read(site)
    gone = delete(AllowedSite).where(
        AllowedSite.business_id == business.id, AllowedSite.origin == origin
    )
    if not session.scalars(gone.returning(AllowedSite.id)).all():
        raise NotFoundError(f"{business.name}'s form was not allowed on {origin}.")
    _prove(session, business, Action.BUSINESS_SITE_FORBIDDEN, origin, by=by, at=at)
    return origin


def sites_of(session: Session, business: Business) -> Sequence[str]:
    """Answer the sites of the business."""
    return session.scalars(
        select(AllowedSite.origin)
        .where(AllowedSite.business_id == business.id)
        .order_by(AllowedSite.origin)
    ).all()


def sites_of_code(session: Session, code: str) -> Sequence[str]:
    """Answer the sites on which the form of this service code may be shown."""
    return session.scalars(
        select(AllowedSite.origin)
        .join(ServiceCode, ServiceCode.business_id == AllowedSite.business_id)
        .where(ServiceCode.code == code)
        .order_by(AllowedSite.origin)
    ).all()


def _read(site: str) -> str:
    origin = read_origin(site)
    if origin is None:
        raise UserError(f"{site!r} is not a site such as https://www.acme.example.")
    return origin


def _prove(
    session: Session, business: Business, action: Action, origin: str, *, by: Actor, at: datetime
) -> None:
    # a fact is one plain word, and `*` is none: the digest tells two sites apart for good
    digest = hashlib.sha256(origin.encode()).hexdigest()
    facts = {"site": digest}
    audit.write(session, Deed(business.id, action, by, at, audit.about(business), facts))
