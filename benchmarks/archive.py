"""How fast an archive is written, against a CRC over the same bytes, and in how much memory.

The reference reads the same objects from the same folder in the same pieces and makes the CRC that
a ZIP needs; an archive hashes each message besides, and reads and writes its rows.
"""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.seeding import keep_voicemails, open_accounts
from voiceline.adapters.filesystem_store import FolderStore
from voiceline.database import make_engine, make_sessions
from voiceline.download_files import Archive
from voiceline.downloads import begin, make_plan
from voiceline.models import Business, User

if TYPE_CHECKING:
    from sqlalchemy import Engine


MESSAGES = 10_000
SECONDS = 30
TURNS = 20
AUDIO = os.urandom(16_000 * SECONDS)
KEY = "rec/one.wav"
"""One object for all: what is measured is the archive, not the disk."""

AT = datetime(2026, 11, 22, tzinfo=UTC)
MB = 1024 * 1024


def measure(folder: Path) -> list[Figure]:
    """Measure on SQLite and a folder."""
    engine = make_engine(f"sqlite:///{folder / 'archive.db'}")
    store = FolderStore(folder / "store")
    store.put(KEY, AUDIO, content_type="audio/wav", tags={})
    digest = hashlib.sha256(AUDIO).hexdigest()
    facts = {"object_key": KEY, "sha256": digest, "size": len(AUDIO)}
    keep_voicemails(engine, open_accounts(engine), MESSAGES, since=AT, **facts)
    bare, took, grown = _take(engine, store)
    engine.dispose()
    size = MESSAGES * len(AUDIO) / MB
    against = f"CRC over the same {size:,.0f} MB: {size / bare:,.0f} MB/s"
    what = f"{MESSAGES:,} messages of {SECONDS} s"
    return [
        Figure("archive, rate / CRC", bare / took, "ratio", against, at_least=0.8),
        Figure("archive, rate", size / took, "MB/s", what),
        Figure("archive, memory", grown, "MB more", what, at_most=64),
    ]


def _check_plainly(store: FolderStore) -> float:
    began = time.perf_counter()
    for _ in range(MESSAGES // TURNS):
        checksum = 0
        for piece in store.stream(KEY, 0, len(AUDIO) - 1):
            checksum = zlib.crc32(piece, checksum)
    return time.perf_counter() - began


def _take(engine: Engine, store: FolderStore) -> tuple[float, float, float]:
    """Answer how long a CRC and an archive took, and how many MB larger the process was at most.

    They work in turns, so that a machine that slows down slows both.
    """
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        user = User(email="a@example.com", name="Alice", created_at=AT, password_hash="x")
        session.add(user)
        business = session.query(Business).filter_by(name="Acme Shoes").one()
    before = largest = _resident()
    began = time.perf_counter()
    plan = make_plan(sessions, business.id, ())
    with sessions.begin() as session:
        download = begin(session, business, user, plan, secret="secret", at=AT)
    archive = Archive(sessions, store, download, user, lambda: AT)
    sent, bare, turn = 0, 0.0, MESSAGES // TURNS * len(AUDIO)
    for piece in archive.pieces(plan, business.name, business.time_zone):
        sent += len(piece)
        if sent // turn > (sent - len(piece)) // turn:
            bare += _check_plainly(store)
            largest = max(largest, _resident())
    took = time.perf_counter() - began - bare
    assert sent > MESSAGES * len(AUDIO)
    return bare, took, max(largest, _resident()) - before


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MB
