"""The verbs of the operator's look at its customers: which there are, and where each stands.

Every one of them looks across businesses on purpose, and answers what a business is and how many
things it has; never a word of what is in them.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, func, or_, select, tuple_

from voiceline import audit
from voiceline.accounts import LONGEST_NAME, read_address
from voiceline.authority import check_operator, lock_team
from voiceline.businesses import open_business
from voiceline.codes import assign_free_code, codes_of
from voiceline.errors import NotFoundError, UserError
from voiceline.invitations import invite_first_owner, pending
from voiceline.models import (
    Business,
    Membership,
    PrivacyRequest,
    Role,
    ServiceCode,
    User,
    Voicemail,
)
from voiceline.reach import across, within
from voiceline.rules.plain_text import read_name
from voiceline.rules.time_zones import read_time_zone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.models import Invitation
    from voiceline.models.base import OfBusiness
    from voiceline.rules.lifecycle import BusinessStatus
    from voiceline.rules.retention import AccountTier

PAGE = 50
SOON = timedelta(days=7)
"""A trial that ends within this long is one to look at."""

LONGEST_WORD = 100


class Place(NamedTuple):
    """Where a page begins: behind the business of this name and id."""

    name: str
    id: UUID


@dataclass(frozen=True)
class Asked:
    """Which businesses are looked for."""

    word: str = ""
    """In the name, the beginning of a code, or in an owner's address."""
    tier: AccountTier | None = None
    status: BusinessStatus | None = None
    trial_ends_soon: bool = False


@dataclass(frozen=True)
class Row:
    """One business in the list."""

    business: Business
    codes: list[str]
    members: int


@dataclass(frozen=True)
class Customer:
    """One business from outside: who answers for it, and how many things it has."""

    business: Business
    codes: Sequence[ServiceCode]
    members: int
    owners: Sequence[User]
    offered: Invitation | None
    """A place nobody has taken yet."""
    requests: int
    voicemails: int


@dataclass(frozen=True)
class Page:
    """Rows by name, and where the next page begins."""

    rows: list[Row]
    next: Place | None


def list_customers(session: Session, asked: Asked, *, after: Place | None, at: datetime) -> Page:
    """Answer a page of businesses by name, in as many statements however many there are."""
    name = func.lower(Business.name)
    query = select(Business).where(Business.is_canary.is_(False), *_conditions(asked, at))
    if after is not None:
        query = query.where(tuple_(name, Business.id) > (after.name, after.id))
    with across(session):
        ordered = query.order_by(name, Business.id).limit(PAGE + 1).add_columns(name)
        found = session.execute(ordered).all()
        shown = [business for business, _ in found[:PAGE]]
        ids = [business.id for business in shown]
        codes, members = _codes_of(session, ids), _members_of(session, ids)
    rows = [Row(each, codes.get(each.id, []), members.get(each.id, 0)) for each in shown]
    last = Place(found[PAGE - 1][1], shown[-1].id) if len(found) > PAGE else None
    return Page(rows, last)


def find_customer(session: Session, business_id: UUID) -> Customer:
    """Answer where a business stands, in numbers; raises NotFoundError."""
    with within(session, business_id):
        business = session.get(Business, business_id)
        if business is None or business.is_canary:
            raise NotFoundError("no such business")
        owners = select(User).join(Membership, Membership.user_id == User.id)
        owning = (Membership.business_id == business_id, Membership.role == Role.OWNER)
        return Customer(
            business=business,
            codes=codes_of(session, business_id),
            members=_count(session, Membership, business_id),
            owners=session.scalars(owners.where(*owning).order_by(User.name, User.id)).all(),
            offered=next(iter(pending(session, business_id)), None),
            requests=_count(session, PrivacyRequest, business_id),
            voicemails=_count(session, Voicemail, business_id, Voicemail.object_key.is_not(None)),
        )


@contextmanager
def changing(session: Session, business_id: UUID, *, by: User) -> Iterator[Business]:
    """Reach into a business meanwhile, locked, as an admin of the operator's."""
    check_operator(session, by, Role.ADMIN)
    with within(session, business_id):
        business = lock_team(session, business_id)
        if business.is_canary:
            raise NotFoundError("no such business")
        yield business


def open_customer(
    session: Session,
    *,
    name: str,
    tier: AccountTier,
    time_zone: str,
    owner: str,
    by: User,
    secret: str,
    trial: timedelta,
    at: datetime,
) -> Business:
    """Open a business with a code, and offer the place of its owner by mail; raises UserError."""
    check_operator(session, by, Role.ADMIN)
    called, zone = read_name(name, LONGEST_NAME), read_time_zone(time_zone)
    if called is None:
        raise UserError("A business needs a name of 1 to 200 characters: callers hear it.")
    read_address(owner)
    with across(session):
        business = open_business(
            session, name=called, tier=tier, at=at, time_zone=zone, trial_ends_at=at + trial
        )
        assign_free_code(session, business, by=audit.operators(by), at=at)
        invite_first_owner(session, business, owner, by=by, secret=secret, at=at)
    return business


def _count(
    session: Session, table: type[OfBusiness], business_id: UUID, *which: ColumnElement[bool]
) -> int:
    query = select(func.count()).select_from(table).where(table.business_id == business_id, *which)
    return session.scalar(query) or 0


def _conditions(asked: Asked, at: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.word:
        found.append(_is_called(asked.word[:LONGEST_WORD].lower()))
    if asked.tier is not None:
        found.append(Business.tier == asked.tier)
    if asked.status is not None:
        found.append(Business.status == asked.status)
    if asked.trial_ends_soon:
        found.append(Business.trial_ends_at.between(at, at + SOON))
    return found


def _is_called(word: str) -> ColumnElement[bool]:
    keyed = exists().where(
        ServiceCode.business_id == Business.id, ServiceCode.code.startswith(word, autoescape=True)
    )
    owned = exists().where(
        Membership.business_id == Business.id,
        Membership.role == Role.OWNER,
        User.id == Membership.user_id,
        User.email.contains(word, autoescape=True),
    )
    return or_(func.lower(Business.name).contains(word, autoescape=True), keyed, owned)


def _codes_of(session: Session, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    answering = (ServiceCode.business_id.in_(ids), ServiceCode.withdrawn_at.is_(None))
    rows = select(ServiceCode.business_id, ServiceCode.code).where(*answering)
    for business_id, code in session.execute(rows.order_by(ServiceCode.code)):
        found.setdefault(business_id, []).append(code)
    return found


def _members_of(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    each = Membership.business_id
    rows = select(each, func.count()).where(each.in_(ids)).group_by(each)
    return {row[0]: row[1] for row in session.execute(rows)}
