"""Expiry of 100,000 voicemails of one business: how fast, and for how long anything is locked.

What a transaction locks it holds to its end, so the longest transaction is the longest lock. The
store is none, so that what is measured is what others of the business could wait for; the
reference marks as many rows in statements of 100, without a lock, a look or a proof.
"""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from benchmarks import postgres
from benchmarks.figures import Figure
from benchmarks.seeding import keep_voicemails, open_accounts
from jobs import expire as job
from voiceline.database import make_engine, make_sessions
from voiceline.errors import MissingObjectError
from voiceline.models import Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

VOICEMAILS = 100_000
OLD = timedelta(days=200)


class NoStore:
    """A store that has nothing: deleting is at once, and every look finds it gone."""

    def delete(self, _key: str) -> None:
        """Delete what is not there, which is a success."""

    def size(self, _key: str) -> int:
        raise MissingObjectError("not there")


def measure(folder: Path) -> list[Figure]:
    """Measure on PostgreSQL, where locks are what others wait for; on SQLite without it."""
    if postgres.programs() is None:
        print("   PostgreSQL is not installed: measured on SQLite alone")
        return _measure(f"sqlite:///{folder / 'expiry.db'}", "SQLite")
    with postgres.cluster() as running:
        return _measure(running.url, "PostgreSQL")


def _measure(url: str, kind: str) -> list[Figure]:
    engine = make_engine(url)
    code = open_accounts(engine)
    ended = datetime.now(UTC) - timedelta(days=1)
    facts = {"sha256": "0" * 64, "size": 480_000, "tier_tag": "small_medium", "expires_at": ended}
    keep_voicemails(engine, code, VOICEMAILS, since=datetime.now(UTC) - OLD, **facts)
    with engine.connect() as connection:
        connection.exec_driver_sql("analyze")  # as a server does by itself within a minute
        connection.commit()
    sessions = Watched(engine)
    services = SimpleNamespace(sessions=sessions, store=NoStore())
    vars(job)["services"] = lambda: services
    gc.collect()
    gc.freeze()  # as a worker does before its first fork
    began = time.perf_counter()
    rounds = 0
    while _left(engine):
        job.expire()
        rounds += 1
    took = time.perf_counter() - began
    plain = _mark_plainly(engine)
    engine.dispose()
    what = f"{VOICEMAILS:,} voicemails of one business, {rounds} rounds, {kind}"
    against = f"{VOICEMAILS / plain:,.0f} a second"
    return [
        Figure("expiry, longest lock", max(sessions.took) * 1000, "ms", what, at_most=100),
        Figure("expiry, longest lock but one in 1,000", _but_one(sessions.took), "ms", what),
        Figure("expiry, voicemails a second", VOICEMAILS / took, "", what),
        Figure("expiry / marking plainly", took / plain, "x", against),
    ]


def _but_one(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.999) - 1] * 1000


class Watched:
    """Sessions that note how long each transaction took, to the end of its commit."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = make_sessions(engine)
        self.took: list[float] = []

    @contextmanager
    def begin(self) -> Iterator[Session]:
        began = time.perf_counter()
        with self._sessions.begin() as session:
            yield session
        self.took.append(time.perf_counter() - began)


def _left(engine: Engine) -> UUID | None:
    kept = select(Voicemail.id).where(Voicemail.status == VoicemailStatus.STORED).limit(1)
    with engine.connect() as connection:
        return connection.scalar(kept)


def _mark_plainly(engine: Engine) -> float:
    """Mark all of them again, with nothing but the marking."""
    with engine.connect() as connection:
        ids = connection.scalars(select(Voicemail.id)).all()
    began = time.perf_counter()
    for start in range(0, len(ids), job.BATCH):
        some = Voicemail.id.in_(ids[start : start + job.BATCH])
        with engine.begin() as connection:
            connection.execute(update(Voicemail).where(some).values(gone_at=datetime.now(UTC)))
    return time.perf_counter() - began
