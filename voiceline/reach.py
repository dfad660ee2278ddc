"""How far a database session reaches: everywhere, into one business, or into none.

The line and the workers serve every business, and their sessions reach everywhere. The dashboard's
reach the one business in the address, because the gate let its member in, and nothing where there
is no such address; what must look further says so with `across`. Held twice: here by a condition
on every statement about a business's rows, and on PostgreSQL by row-level security, which reads
what is told to it at the beginning of each transaction. A forgotten condition finds nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, false, text
from sqlalchemy.orm import Session, with_loader_criteria

from voiceline.models import Business
from voiceline.models.base import OfBusiness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Connection
    from sqlalchemy.orm import ORMExecuteState, SessionTransaction

    from voiceline.models.base import Base


class Reach(Enum):
    """The two ends of what a session may see and write."""

    EVERYWHERE = "all"
    NOWHERE = "none"


class OutOfReachError(RuntimeError):
    """A row of another business was about to be written: a mistake of ours, and nothing happens."""


KEY = "reach"
TELL = text("select set_config('voiceline.reach', :reach, true)")
"""To the end of the transaction; the policies of revision 0012 read it."""


def bind(session: Session, reach: UUID | Reach) -> Session:
    """Let a new session reach so far and no further."""
    session.info[KEY] = reach
    return session


@contextmanager
def within(session: Session, business_id: UUID) -> Iterator[None]:
    """Reach into this business meanwhile: an entry of the trail is written in its own business's.

    A session that reaches everywhere goes on doing so.
    """
    now: UUID | Reach = session.info.get(KEY, Reach.EVERYWHERE)
    with _turned(session, now if now is Reach.EVERYWHERE else business_id):
        yield


@contextmanager
def across(session: Session) -> Iterator[None]:
    """Reach everywhere meanwhile: who signs in is looked for among all businesses' people."""
    with _turned(session, Reach.EVERYWHERE):
        yield


@contextmanager
def _turned(session: Session, reach: UUID | Reach) -> Iterator[None]:
    before: UUID | Reach = session.info.get(KEY, Reach.EVERYWHERE)
    if reach == before:
        yield
        return
    session.flush()
    _turn(session, reach)
    try:
        yield
        session.flush()
    finally:
        _turn(session, before)


def _turn(session: Session, reach: UUID | Reach) -> None:
    session.info[KEY] = reach
    transaction = session.get_transaction()
    if transaction is not None and transaction.is_active and session.in_transaction():
        tell(session.connection(), reach)


def tell(connection: Connection, reach: UUID | Reach) -> None:
    """Let the connection's transaction reach so far; for statements of no session."""
    if connection.dialect.name == "postgresql":
        said = reach.value if isinstance(reach, Reach) else str(reach)
        connection.execute(TELL, {"reach": said})


@event.listens_for(Session, "after_begin")
def _tell_at_begin(session: Session, _: SessionTransaction, connection: Connection) -> None:
    reach = session.info.get(KEY)
    if reach is not None:
        tell(connection, reach)


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    reach = state.session.info.get(KEY, Reach.EVERYWHERE)
    if reach is Reach.EVERYWHERE or not (state.is_select or state.is_update or state.is_delete):
        return
    state.statement = state.statement.options(*_conditions(reach))


def _conditions(reach: UUID | Reach) -> tuple[Any, ...]:
    if isinstance(reach, Reach):
        return (
            with_loader_criteria(OfBusiness, lambda _: false(), include_aliases=True),
            with_loader_criteria(Business, lambda _: false(), include_aliases=True),
        )
    return (
        with_loader_criteria(
            OfBusiness, lambda table: table.business_id == reach, include_aliases=True
        ),
        with_loader_criteria(Business, lambda table: table.id == reach, include_aliases=True),
    )


@event.listens_for(Session, "before_flush")
def _keep_inside(session: Session, *_: object) -> None:
    reach = session.info.get(KEY, Reach.EVERYWHERE)
    if reach is Reach.EVERYWHERE:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if _owner(row) not in {None, reach}:
            raise OutOfReachError(type(row).__name__)


def _owner(row: Base) -> UUID | None:
    if isinstance(row, Business):
        return row.id
    return row.business_id if isinstance(row, OfBusiness) else None
