"""The audit trail: following 100,000 entries to their head, and what one entry costs a deed."""

from __future__ import annotations

import hashlib
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import insert, text, update

from benchmarks import postgres
from benchmarks.figures import Figure
from benchmarks.seeding import open_accounts
from voiceline import audit
from voiceline.audit import SYSTEM, Action, Deed, Subject
from voiceline.audit.checking import check_chain
from voiceline.audit.encoding import entry_line, moment, sha256
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.audit.signing import sign_heads
from voiceline.database import make_engine, make_sessions
from voiceline.models import AuditChain, AuditEntry

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Engine

ENTRIES = 100_000
BATCH = 5_000
ROUNDS = 3
WRITES = 300
SECONDS = 5.0
START = datetime(2026, 11, 20, 20, tzinfo=UTC)


def measure(folder: Path) -> list[Figure]:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    figures = _measure(f"sqlite:///{folder / 'trail.db'}", "SQLite")
    if postgres.programs() is None:
        print("   PostgreSQL is not installed: measured on SQLite alone")
        return figures
    with postgres.cluster() as running:
        return figures + _measure(running.url, "PostgreSQL")


def _measure(url: str, kind: str) -> list[Figure]:
    engine = make_engine(url)
    business_id = open_accounts(engine).business_id
    added = _time_writes(engine, business_id)
    _fill(engine, business_id)
    key = SigningKey("5a" * 32)
    sign_heads(engine, key, key_ring(key), START.date())
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        report = check_chain(engine, business_id, key_ring(key))
        took.append(time.perf_counter() - began)
        assert (report.fault, report.end.sequence, report.heads) == (None, ENTRIES, 1)
    engine.dispose()
    seconds, bare = statistics.median(took), _hash_plainly()
    against = f"{ENTRIES:,} lines of that length hashed from memory: {bare:.2f} s"
    return [
        Figure(f"{ENTRIES:,} entries verified, {kind}", seconds, "s", against, at_most=SECONDS),
        Figure(f"verified / only hashed, {kind}", seconds / bare, "x", against),
        Figure(f"an entry in a transaction, {kind}", added, "us", "the same transaction without"),
    ]


def _time_writes(engine: Engine, business_id: UUID) -> float:
    """Answer what an entry adds to a transaction that touches one row, in microseconds."""
    sessions = make_sessions(engine)
    took: dict[bool, list[float]] = {False: [], True: []}
    for number in range(WRITES):
        for proven in (False, True):
            deed = _deed(business_id, number)
            began = time.perf_counter()
            with sessions.begin() as session:
                session.execute(text("update business set asks_right = not asks_right"))
                if proven:
                    audit.write(session, deed)
            took[proven].append((time.perf_counter() - began) * 1e6)
    return statistics.median(took[True]) - statistics.median(took[False])


def _deed(business_id: UUID, number: int) -> Deed:
    subject = Subject("voicemail", uuid4(), uuid4())
    at = START + timedelta(seconds=number)
    return Deed(business_id, Action.VOICEMAIL_LISTENED, SYSTEM, at, subject)


def _fill(engine: Engine, business_id: UUID) -> None:
    """Append in bulk, each entry hashed as ours are, up to the number that is measured."""
    with make_sessions(engine)() as session:
        chain = session.get_one(AuditChain, business_id)
    sequence, previous = chain.sequence, chain.entry_hash
    ours = AuditChain.business_id == business_id
    while sequence < ENTRIES:
        rows = []
        for _ in range(min(BATCH, ENTRIES - sequence)):
            sequence += 1
            row = _row(business_id, sequence, previous)
            previous = str(row["entry_hash"])
            rows.append(row)
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                # its trigger takes longer to move the chain's end than all the rest
                connection.execute(text("set local session_replication_role = replica"))
                connection.execute(update(AuditChain).where(ours).values(_end(rows[-1])))
            connection.execute(insert(AuditEntry), rows)


def _row(business_id: UUID, sequence: int, previous: str) -> dict[str, object]:
    deed = _deed(business_id, sequence)
    actor, name = uuid4(), sha256("Alice")
    line = entry_line(
        business_id=str(business_id),
        sequence=sequence,
        at=moment(deed.at),
        actor_kind="staff",
        actor_id=str(actor),
        actor_name=name,
        action=deed.action.value,
        subject_kind=deed.subject.kind,
        subject_id=str(deed.subject.id),
        request_id=str(deed.subject.request_id),
        facts="{}",
        previous_hash=previous,
    )
    return {
        "business_id": business_id,
        "sequence": sequence,
        "at": deed.at,
        "actor_kind": "staff",
        "actor_id": actor,
        "actor_name": name,
        "action": deed.action.value,
        "subject_kind": deed.subject.kind,
        "subject_id": deed.subject.id,
        "request_id": deed.subject.request_id,
        "facts": "{}",
        "previous_hash": previous,
        "entry_hash": sha256(line),
    }


def _end(row: dict[str, object]) -> dict[str, object]:
    return {"sequence": row["sequence"], "entry_hash": row["entry_hash"]}


def _hash_plainly() -> float:
    """Hash as many lines of an entry's length, one after the other."""
    line = b"x" * 520
    began = time.perf_counter()
    for _ in range(ENTRIES):
        line = hashlib.sha256(line).hexdigest().encode() + line[64:]
    return time.perf_counter() - began
