"""Connections: SQLite with its write-ahead log, or PostgreSQL; one way to use both.

Transactions are short and never span a call to a neighbour. SQLite's begin IMMEDIATE, because a
transaction that reads first and writes later would fail, not wait, when another wrote between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Insert, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

if TYPE_CHECKING:
    from voiceline.models.base import Base

CONNECT_SECONDS = 2
"""A caller is waiting: a dead database must be known to be dead within this."""

REACH = "all"
"""How far a connection reaches where nobody says less; voiceline/reach.py says it for sessions."""

LOCK_MILLISECONDS = 2_000
STATEMENT_MILLISECONDS = 15_000
IDLE_MILLISECONDS = 30_000
"""A process that hangs, or lost its network, in a transaction holds its locks for so long."""

UNACKNOWLEDGED_MILLISECONDS = 5_000
"""A server whose machine is gone, without a word, is known to be gone after so long."""

SQLITE_WAIT_SECONDS = 10

ANSWER_SECONDS = 2
"""What a caller is waiting for is waited for no longer: the telephone may have to find out twice
within five seconds (twilio.md case 59), and the carrier asks again after four."""


def make_engine(url: str, *, pool_size: int = 8, reach: str = REACH) -> Engine:
    """Answer an engine for the URL; it connects when first used."""
    if make_url(url).get_backend_name() == "sqlite":
        return _make_sqlite(url)
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_SECONDS,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": UNACKNOWLEDGED_MILLISECONDS,
            "options": _limits(
                lock=LOCK_MILLISECONDS, statement=STATEMENT_MILLISECONDS, reach=reach
            ),
        },
    )


def hurry(engine: Engine) -> None:
    """Let the engine give up within ANSWER_SECONDS, for a process whose callers are waiting."""
    engine.dispose()
    event.listen(engine, "do_connect", _hurry_connection)


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Answer a maker of sessions whose rows stay readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def insert_once(session: Session, table: type[Base]) -> Insert:
    """Begin an insert that does nothing where a unique key is taken already."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _hurry_connection(dialect: Any, _record: Any, _words: Any, names: dict[str, Any]) -> None:
    if dialect.name == "sqlite":
        names["timeout"] = ANSWER_SECONDS
        return
    milliseconds = ANSWER_SECONDS * 1000
    names["tcp_user_timeout"] = milliseconds
    names["options"] = _limits(lock=milliseconds, statement=milliseconds)


def _limits(*, lock: int, statement: int, reach: str = REACH) -> str:
    """Answer PostgreSQL's options for a connection whose waits, in milliseconds, are bounded."""
    limits: dict[str, int | str] = {
        "lock_timeout": lock,
        "statement_timeout": statement,
        "idle_in_transaction_session_timeout": IDLE_MILLISECONDS,
        "voiceline.reach": reach,
    }
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


def _make_sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": SQLITE_WAIT_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("begin immediate")
