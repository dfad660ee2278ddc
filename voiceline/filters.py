"""What the inbox can be filtered by, and the conditions that this is in the database.

A filter by itself says nothing of speed. Two things do: conditions that narrow a list to few rows
through an index of their own (words, a colleague, what is unread), and a bound on how many rows of
the list's own index one page looks at (voiceline/inbox.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, literal, or_, select
from sqlalchemy.orm import aliased

from voiceline.colleagues import working
from voiceline.models import (
    Channel,
    PrivacyRequest,
    RequestedRight,
    SearchDocument,
    ServiceCode,
    Voicemail,
)
from voiceline.reading import unread_ids, unread_where
from voiceline.rules.lifecycle import RightStatus, VoicemailStatus
from voiceline.rules.rights import Right
from voiceline.rules.search_words import asked_for
from voiceline.search_documents import meets

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from voiceline.reading import Reader

FEW = 1000
"""A list of so many requests is made from them alone; more than that are looked for on the way."""


class Due(StrEnum):
    """By when something is owed."""

    OVERDUE = "overdue"
    WEEK = "7"
    FORTNIGHT = "14"
    LATER = "later"


class Expiring(StrEnum):
    """Within how many days a voicemail of the request expires: those of the warnings, and one."""

    TWO_DAYS = "2"
    EIGHT_DAYS = "8"
    MONTH = "31"


class Named(StrEnum):
    """A right that is none."""

    NOT_YET = "unnamed"


class Hand(StrEnum):
    """In whose hands a request is, where it is no colleague named by their id."""

    MINE = "me"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Filter:
    """What somebody wants to see; the empty one is all of it."""

    words: str = ""
    due: Due | None = None
    right: Right | Named | None = None
    code: str | None = None
    channel: Channel | None = None
    language: str | None = None
    since: date | None = None
    """Received on this day of the business, or later."""
    until: date | None = None
    unread: bool = False
    assigned: Hand | UUID | None = None
    expires: Expiring | None = None


EVERYTHING = Filter()


@dataclass(frozen=True)
class Which:
    """A filter as conditions; `tests` takes a table, or a part of it with the same columns."""

    tests: Callable[[Any], list[Any]]
    due: tuple[date | None, date | None] = (None, None)
    """First and last `watch_by`; what owes nothing is left out where either is given."""
    received: tuple[datetime | None, datetime | None] = (None, None)
    """From this moment, and before that one."""
    few: list[UUID] | None = field(default=None)
    """All that can be meant, where an index tells that these are few."""

    @property
    def by_due(self) -> bool:
        """Tell whether only what owes something can be meant."""
        return self.due != (None, None)

    def all_tests(self, table: Any) -> list[Any]:
        """Answer every condition, for whoever reads without an order's index."""
        return [*self.tests(table), *self.within_due(table), *self.within_received(table)]

    def within_due(self, table: Any) -> list[Any]:
        """Answer the conditions on what is owed first."""
        return _between(table.watch_by, *self.due)

    def within_received(self, table: Any) -> list[Any]:
        """Answer the conditions on when it was received."""
        first, end = self.received
        later = [] if first is None else [table.received_at >= first]
        return later if end is None else [*later, table.received_at < end]


def which(
    session: Session, reader: Reader, asked: Filter, *, today: date, zone: str, narrow: bool = True
) -> Which:
    """Answer the conditions of the filter, as the reader means it today.

    `narrow`: look first whether an index knows them to mean few requests.
    """
    last = _expires_before(asked.expires, today, zone)
    queries = _narrow(session, reader, asked, last) if narrow else []
    lists = [_few(session, query) for query in queries]
    known = [set(each) for each in lists if each is not None]
    few = sorted(set.intersection(*known)) if known else None
    return Which(
        lambda table: _tests(session, reader, asked, table, last),
        due=_due(asked.due, today),
        received=_received(asked, zone),
        few=few,
    )


def _narrow(session: Session, reader: Reader, asked: Filter, last: datetime | None) -> list[Any]:
    """Answer the queries for the ids that a condition leaves, where an index has them."""
    found: list[Any] = []
    if words := asked_for(asked.words):
        condition = meets(session, reader.business_id, words)
        found.append(select(SearchDocument.request_id).where(condition))
    if isinstance(asked.assigned, UUID) or asked.assigned == Hand.MINE:
        condition = _assigned(PrivacyRequest, reader, asked.assigned)
        mine = PrivacyRequest.business_id == reader.business_id
        found.append(select(PrivacyRequest.id).where(mine, condition))
    if asked.unread:
        found.append(unread_ids(reader, FEW + 1))
    if last is not None:
        of_call = _EXPIRING.call_id == PrivacyRequest.call_id
        near = select(PrivacyRequest.id).join(_EXPIRING, of_call)
        found.append(near.where(*_expiring(reader, last)).distinct())
    return found


def _few(session: Session, query: Any) -> list[UUID] | None:
    ids = list(session.scalars(query.limit(FEW + 1)))
    return ids if len(ids) <= FEW else None


def _tests(
    session: Session, reader: Reader, asked: Filter, table: Any, last: datetime | None
) -> list[Any]:
    """Answer the conditions that no order's index knows."""
    tests = []
    if words := asked_for(asked.words):
        condition = meets(session, reader.business_id, words)
        tests.append(exists().where(SearchDocument.request_id == table.id, condition))
    if asked.right is not None:
        tests.append(_asks_for(table, asked.right))
    if asked.code is not None:
        code = select(ServiceCode.id).where(
            ServiceCode.business_id == reader.business_id, ServiceCode.code == asked.code
        )
        tests.append(table.service_code_id == code.scalar_subquery())
    if asked.channel is not None:
        tests.append(table.channel == asked.channel)
    if asked.language is not None:
        tests.append(table.language == asked.language)
    if asked.unread:
        tests.append(unread_where(reader, table))
    if asked.assigned is not None:
        tests.append(_assigned(table, reader, asked.assigned))
    if last is not None:
        tests.append(exists().where(_EXPIRING.call_id == table.call_id, *_expiring(reader, last)))
    return tests


_EXPIRING = aliased(Voicemail)
"""Beside the voicemails that whoever filters may ask for as well."""


def _expiring(reader: Reader, last: datetime) -> list[Any]:
    return [
        _EXPIRING.business_id == reader.business_id,
        _EXPIRING.status == VoicemailStatus.STORED,
        _EXPIRING.held.is_(False),
        _EXPIRING.expires_at < last,
    ]


def _expires_before(expires: Expiring | None, today: date, zone: str) -> datetime | None:
    days = timedelta(days=int(expires) + 1) if expires else None
    return _midnight(today + days, zone) if days else None


def _asks_for(table: Any, right: Right | Named) -> Any:
    named = right if isinstance(right, Right) else None
    return exists().where(
        RequestedRight.request_id == table.id,
        RequestedRight.status != RightStatus.STRUCK,
        RequestedRight.right == named if named else RequestedRight.right.is_(None),
    )


def _assigned(table: Any, reader: Reader, to: Hand | UUID) -> Any:
    """Answer the condition; who may not work here any more is nobody."""
    members = working(reader.business_id)
    if to == Hand.NOBODY:
        return or_(table.assignee_id.is_(None), table.assignee_id.not_in(members))
    who = reader.user_id if to == Hand.MINE else to
    return and_(table.assignee_id == who, literal(who, table.assignee_id.type).in_(members))


def _due(due: Due | None, today: date) -> tuple[date | None, date | None]:
    day = timedelta(days=1)
    match due:
        case Due.OVERDUE:
            return None, today - day
        case Due.WEEK:
            return today, today + 7 * day
        case Due.FORTNIGHT:
            return today, today + 14 * day
        case Due.LATER:
            return today + 15 * day, None
    return None, None


def _received(asked: Filter, zone: str) -> tuple[datetime | None, datetime | None]:
    """Answer the moments between which the days of the business lie."""
    first = _midnight(asked.since, zone) if asked.since else None
    end = _midnight(asked.until + timedelta(days=1), zone) if asked.until else None
    return first, end


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone))


def _between(column: Any, first: date | None, last: date | None) -> list[Any]:
    later = [] if first is None else [column >= first]
    return later if last is None else [*later, column <= last]
