"""The verbs of the unassigned queue: what waits for a business, and which one may be meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import selectinload

from voiceline.inbox_rows import load_rows
from voiceline.models import Business, Call, PrivacyRequest, ServiceCode
from voiceline.reach import across
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from voiceline.inbox_rows import InboxRow

PAGE = 40
MOST_FOUND = 20
MOST_SUGGESTED = 5
MOST_COUNTED = 1000
LONGEST_WORD = 100
SHORTEST = 3
MOST_WORDS = 60
"""Words of a draft that names are looked for by; who is meant is said early."""

_SAID_OF_ANYTHING = (
    "about address again also answer asking aware behalf but calling called can could correct "
    "data delete deletion does dont email everything for forget from give going have hello "
    "here hold information into just keep know leave leaving like limit mail make message "
    "more name need not number opt out order personal phone please privacy request right sale "
    "sell share sharing should stop tell thank thanks that their them there these they this "
    "want was what when which with would yeah you your yours para quiero mis datos borrar"
)
EVERYDAY = frozenset(_SAID_OF_ANYTHING.split())
"""Words that callers say of whatever they ask, and that name nobody."""

LEGAL_FORMS = frozenset({"and", "co", "company", "corp", "group", "inc", "llc", "ltd", "the"})


@dataclass(frozen=True)
class Receiver:
    """A code that can be handed over to, and whose it is."""

    code_id: UUID
    code: str
    name: str
    """What callers hear: the brand, or the business."""
    business: str


def queue_page(
    session: Session, business_id: UUID, *, after: UUID | None = None, limit: int = PAGE
) -> tuple[list[InboxRow], UUID | None]:
    """Answer what waits longest, behind the one that the last page ended with, and the next end."""
    query = _waiting(business_id).order_by(PrivacyRequest.received_at, PrivacyRequest.id)
    if after is not None:
        place = select(PrivacyRequest.received_at, PrivacyRequest.id)
        with across(session):  # it may have been handed over since: its place in the queue counts
            last = session.execute(place.where(PrivacyRequest.id == after)).one_or_none()
        if last is not None:
            key = tuple_(PrivacyRequest.received_at, PrivacyRequest.id)
            query = query.where(key > (last[0], last[1]))
    ids = session.scalars(query.limit(limit + 1)).all()
    shown = ids[:limit]
    return load_rows(session, shown), (shown[-1] if len(ids) > limit else None)


def still_waiting(
    session: Session, business_id: UUID, ids: Collection[UUID]
) -> Sequence[PrivacyRequest]:
    """Answer those of the requests that nobody has handed over or closed meanwhile."""
    return session.scalars(
        select(PrivacyRequest)
        .where(PrivacyRequest.id.in_(_waiting(business_id).where(PrivacyRequest.id.in_(ids))))
        .options(selectinload(PrivacyRequest.rights))
        .order_by(PrivacyRequest.received_at, PrivacyRequest.id)
    ).all()


def next_waiting(session: Session, business_id: UUID, but: UUID | None = None) -> UUID | None:
    """Answer what waits longest besides this one."""
    query = _waiting(business_id).order_by(PrivacyRequest.received_at, PrivacyRequest.id)
    if but is not None:
        query = query.where(PrivacyRequest.id != but)
    return session.scalar(query.limit(1))


def count_waiting(session: Session, business_id: UUID) -> int:
    """Count what waits, up to 1000."""
    few = _waiting(business_id).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(few)) or 0


def find_receiver(session: Session, code_id: UUID, at: datetime) -> Receiver | None:
    """Answer the code if it can be handed over to now."""
    return next(iter(_receivers(session, [ServiceCode.id == code_id], at, limit=1)), None)


def find_receivers(session: Session, word: str, at: datetime) -> list[Receiver]:
    """Answer codes by the beginning of a code, or a part of a brand's or business's name."""
    word = word.strip()[:LONGEST_WORD].lower()
    if not word:
        return []
    called = or_(
        func.lower(Business.name).contains(word, autoescape=True),
        func.lower(ServiceCode.brand).contains(word, autoescape=True),
        ServiceCode.code.startswith(word, autoescape=True),
    )
    return _receivers(session, [called], at, limit=MOST_FOUND)


def suggest(session: Session, drafts: Iterable[str], at: datetime) -> list[Receiver]:
    """Answer whose name may be heard in the drafts, the most of a name first; never who it is.

    A machine mishears names: what it did hear must be a whole word of one.
    """
    nobodys = EVERYDAY | LEGAL_FORMS
    heard = [
        word for word in _words(" ".join(drafts)) if word not in nobodys and len(word) >= SHORTEST
    ]
    said = list(dict.fromkeys(heard))[:MOST_WORDS]
    if not said:
        return []
    names = func.lower(func.coalesce(ServiceCode.brand, "") + " " + Business.name)
    # All of them: a part of a name is in many others, and whoever is cut off is never weighed.
    parts = or_(*(names.contains(word, autoescape=True) for word in said))
    found = _receivers(session, [parts], at, limit=None)
    weighed = [(_share(receiver, set(said)), receiver) for receiver in found]
    likely = sorted(
        (each for each in weighed if each[0] > 0), key=lambda each: (-each[0], each[1].name)
    )
    return [receiver for _, receiver in likely[:MOST_SUGGESTED]]


def _waiting(business_id: UUID) -> Select[UUID]:
    return (
        select(PrivacyRequest.id)
        .join(Call, Call.id == PrivacyRequest.call_id)
        .where(
            PrivacyRequest.business_id == business_id,
            PrivacyRequest.finished_at.is_(None),
            Call.unassigned,
        )
    )


def _receivers(
    session: Session, which: Sequence[ColumnElement[bool]], at: datetime, *, limit: int | None
) -> list[Receiver]:
    """Answer codes that somebody answers for, in one statement."""
    query = (
        select(ServiceCode.id, ServiceCode.code, ServiceCode.brand, Business.name)
        .join(Business, Business.id == ServiceCode.business_id)
        .where(
            ServiceCode.withdrawn_at.is_(None),
            ServiceCode.code != OPERATOR_CODE,
            Business.status == BusinessStatus.ACTIVE,
            Business.is_canary.is_(False),
            or_(Business.trial_ends_at.is_(None), Business.trial_ends_at >= at),
            *which,
        )
        .order_by(func.lower(Business.name), ServiceCode.code)
        .limit(limit)
    )
    with across(session):
        rows = session.execute(query).all()
    return [Receiver(id_, code, brand or name, name) for id_, code, brand, name in rows]


def _share(receiver: Receiver, said: Collection[str]) -> float:
    """Answer how much of the brand's or the business's name was said."""
    names = (set(_words(name)) - LEGAL_FORMS for name in (receiver.name, receiver.business))
    return max(len(name & set(said)) / len(name) if name else 0.0 for name in names)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("'", ""))
