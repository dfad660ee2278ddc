"""The orders of the inbox: series of runs, each read from one index by key, never by offset.

So no page reads more than the rows it shows, however many requests a business has. Where a filter
asks for what no index knows, a page looks at the next LOOKED_AT rows of its run and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select, tuple_

from voiceline.models import PrivacyRequest
from voiceline.places import Place
from voiceline.rules.lifecycle import RequestStatus

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.filters import Which

LOOKED_AT = 4000
"""Rows of a list that one page looks at for what a filter means."""


class Order(StrEnum):
    """How a page is ordered."""

    DEADLINE = "deadline"
    NEWEST = "newest"


class Scope(StrEnum):
    """Which requests a page covers."""

    OPEN = "open"
    """Something is owed, be it only that the consumer is told."""
    APPEALED = "appealed"
    ANSWERED = "answered"
    """Nothing is owed any more."""
    ALL = "all"


@dataclass(frozen=True)
class Run:
    """One stretch of an order; each is read from one index, from where the page begins."""

    which: Scope
    by_deadline: bool


RUNS: dict[tuple[Order, Scope], tuple[Run, ...]] = {
    (Order.DEADLINE, Scope.OPEN): (Run(Scope.OPEN, by_deadline=True),),
    (Order.DEADLINE, Scope.ALL): (
        Run(Scope.OPEN, by_deadline=True),
        Run(Scope.ANSWERED, by_deadline=False),
    ),
    (Order.NEWEST, Scope.OPEN): (Run(Scope.OPEN, by_deadline=False),),
    (Order.NEWEST, Scope.ALL): (Run(Scope.ALL, by_deadline=False),),
    (Order.DEADLINE, Scope.APPEALED): (Run(Scope.APPEALED, by_deadline=True),),
    (Order.NEWEST, Scope.APPEALED): (Run(Scope.APPEALED, by_deadline=False),),
    (Order.DEADLINE, Scope.ANSWERED): (Run(Scope.ANSWERED, by_deadline=False),),
    (Order.NEWEST, Scope.ANSWERED): (Run(Scope.ANSWERED, by_deadline=False),),
}

COVERS: dict[Scope, tuple[ColumnElement[bool], ...]] = {
    Scope.OPEN: (PrivacyRequest.watch_by.is_not(None),),
    Scope.APPEALED: (PrivacyRequest.status == RequestStatus.APPEALED,),
    Scope.ANSWERED: (PrivacyRequest.watch_by.is_(None),),
    Scope.ALL: (),
}

_KEY = (PrivacyRequest.watch_by, PrivacyRequest.received_at, PrivacyRequest.id)


@dataclass(frozen=True)
class Lookup:
    """One run of an order, from a place on, with what is meant of it."""

    business_id: UUID
    run: Run
    number: int
    after: Place | None
    which: Which | None

    @property
    def is_bounded(self) -> bool:
        """Tell whether only a part of the run is looked at: no index knows what is meant."""
        return self.which is not None and self.which.few is None

    def next_places(self, session: Session, limit: int) -> list[Place]:
        """Answer the run's next few places that are meant."""
        if self._is_void:
            return []
        rows = session.execute(self.query(limit))
        return [Place(self.number, row.watch_by, row.received_at, row.id) for row in rows]

    def looked_until(self, session: Session) -> Place | None:
        """Answer where looking ended before the run did, or None where it did not."""
        if not self.is_bounded or self._is_void:
            return None
        row = session.execute(self.last_looked_at).one_or_none()
        return Place(self.number, row.watch_by, row.received_at, row.id) if row else None

    @property
    def last_looked_at(self) -> Select[Any]:
        """Answer the query for the key at which looking ends, if the run goes on so far."""
        return self._keys(PrivacyRequest, *_KEY).offset(LOOKED_AT - 1).limit(1)

    def query(self, limit: int) -> Select[Any]:
        """Answer the query for the next few keys, in the order of their index."""
        if self.which is None:
            return self._keys(PrivacyRequest, *_KEY).limit(limit)
        if self.which.few is not None:
            tests = [PrivacyRequest.id.in_(self.which.few), *self.which.all_tests(PrivacyRequest)]
            return self._keys(PrivacyRequest, *_KEY).where(*tests).limit(limit)
        near = self._keys(PrivacyRequest, *PrivacyRequest.__table__.c).limit(LOOKED_AT).subquery().c
        found = select(near.watch_by, near.received_at, near.id).where(*self._other_tests(near))
        return found.order_by(*_order(self.run, near)).limit(limit)

    @property
    def _is_void(self) -> bool:
        """Tell whether nothing of the run can be meant."""
        return self.which is not None and self.which.by_due and self.run.which == Scope.ANSWERED

    def _keys(self, table: Any, *columns: Any) -> Select[Any]:
        query = select(*columns).where(
            table.business_id == self.business_id, *COVERS[self.run.which]
        )
        if self.after is not None:
            query = query.where(_is_behind(self.run, table, self.after))
        if self.which is not None:
            query = query.where(*self._index_tests(table))
        return query.order_by(*_order(self.run, table))

    def _index_tests(self, table: Any) -> list[Any]:
        """Answer the conditions that the order's own index knows."""
        assert self.which is not None  # noqa: S101 - asked for by who has looked
        by_deadline = self.run.by_deadline
        return self.which.within_due(table) if by_deadline else self.which.within_received(table)

    def _other_tests(self, table: Any) -> list[Any]:
        assert self.which is not None  # noqa: S101 - as above
        by_deadline = self.run.by_deadline
        others = self.which.within_received if by_deadline else self.which.within_due
        return [*self.which.tests(table), *others(table)]


def _order(run: Run, table: Any) -> tuple[Any, ...]:
    if run.by_deadline:
        return table.watch_by, table.received_at, table.id
    return table.received_at.desc(), table.id.desc()


def _is_behind(run: Run, table: Any, after: Place) -> Any:
    if run.by_deadline:
        key = tuple_(table.watch_by, table.received_at, table.id)
        return key > (after.watch_by, after.received_at, after.id)
    return tuple_(table.received_at, table.id) < (after.received_at, after.id)
