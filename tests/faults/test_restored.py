"""The drill: yesterday's dump, today's store and today's carrier give back every voicemail.

Those, too, that were left after the dump; and none that has gone since (reliability.md 55).
"""

from __future__ import annotations

import hashlib
import math
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.postgres_server import USER, PostgresServer, postgres_server, program
from sqlalchemy import func, select, update

from jobs import strays as strays_job
from voiceline.errors import MissingObjectError
from voiceline.models import PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

STORED = Voicemail.status == VoicemailStatus.STORED
EMPTY = "drop schema public cascade; create schema public;"


def test_a_dump_of_yesterday_gives_back_everything_but_what_has_gone(
    house: House, server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(strays_job, "offer", lambda *_: None)  # the sweeper finds what is due
    before = _call(house, 2)
    dump = tmp_path / "yesterday.sql"
    _run(server, "pg_dump", "--no-owner", f"--file={dump}")
    after = _call(house, 3)
    gone = {before[0], after[0]}
    _let_expire(house, gone)

    restored = tmp_path / "restored.sql"
    restored.write_text(EMPTY + dump.read_text())
    server.cut_everybody_off()
    _run(server, "psql", "--quiet", "--single-transaction", f"--file={restored}")
    server.cut_everybody_off()
    strays_job.walk(house.services, until=math.inf, anew=True)

    whole = {*before, *after} - gone
    wait_for(lambda: _readable(house) >= whole, "every voicemail to be there again")
    assert not [one for one in after if one in dump.read_text()]
    assert _readable(house) == whole
    assert {one.carrier_id for one in house.voicemails(Voicemail.missed_at.is_not(None))} == {
        before[0]
    }
    with house.reading() as session:
        requests = session.scalar(select(func.count()).select_from(PrivacyRequest))
    assert requests == len(whole) + 1  # what has gone by its age leaves its request


def _call(house: House, count: int) -> list[str]:
    """Let so many people call; answer the recordings."""
    records = house.call(count)
    house.assert_settles()
    return [recording for record in records for recording in record.recordings]


def _let_expire(house: House, recordings: set[str]) -> None:
    with house.services.sessions.begin() as session:
        theirs = update(Voicemail).where(Voicemail.carrier_id.in_(recordings))
        session.execute(theirs.values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    expired = Voicemail.status == VoicemailStatus.EXPIRED
    wait_for(lambda: len(house.voicemails(expired)) == len(recordings), "expiry")


def _readable(house: House) -> set[str]:
    """Answer the recordings whose very bytes our store gives back."""
    found = set()
    for one in house.voicemails(STORED):
        try:
            audio = house.services.store.get(one.object_key or "")
        except MissingObjectError:
            continue
        if hashlib.sha256(audio).hexdigest() == house.carrier.ledger.sha256[one.carrier_id]:
            found.add(one.carrier_id)
    return found


def _run(server: PostgresServer, name: str, *words: str) -> None:
    at = ["--host=127.0.0.1", f"--port={server.port}", f"--username={USER}", "--dbname=postgres"]
    subprocess.run([str(program(name)), *at, *words], check=True, timeout=120)


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


@pytest.fixture
def house(tmp_path: Path, server: PostgresServer) -> Iterator[House]:
    folder = tmp_path / "house"
    folder.mkdir()
    with open_house(folder, environment={"VOICELINE_DATABASE_URL": server.url}) as opened:
        yield opened
