"""PostgreSQL goes away in the middle of calls: callers go on, and nothing they said is lost."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.postgres_server import PostgresServer, postgres_server
from faults.report import note
from faults.signals import send

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

NURSERY = Path(__file__).with_name("nursery.py")
CALLS = 12


def test_whole_calls_without_a_database_are_kept(house: House, server: PostgresServer):
    server.stop()
    records = house.call(4)
    server.start()

    note("PostgreSQL down while calls came in", house.assert_settles())
    assert {record.outcome for record in records} == {"completed"}


def test_terminated_backends_lose_nothing(house: House, server: PostgresServer):
    calling = house.call_meanwhile(CALLS)
    while not calling.done():
        server.cut_everybody_off()
        time.sleep(0.3)
    records = calling.result()

    note("every backend terminated, again and again", house.assert_settles())
    assert "carrier_error_message" not in {record.outcome for record in records}


def test_crashes_in_the_middle_of_calls_lose_nothing(house: House, server: PostgresServer):
    calling = house.call_meanwhile(2 * CALLS)
    for _ in range(3):
        seen = _calls(house)
        wait_for(lambda seen=seen: calling.done() or _calls(house) > seen + 2, "some calls")
        server.crash()
        server.start()
    records = calling.result(60)

    note("PostgreSQL crashed three times in the middle of calls", house.assert_settles())
    assert "carrier_error_message" not in {record.outcome for record in records}


def test_process_that_hangs_in_a_transaction_is_overtaken(house: House, tmp_path: Path):
    flag = tmp_path / "flag"
    nursery = house.crew.start_program("nursery", str(NURSERY), "collect", f"before_commit:{flag}")
    while not flag.exists():
        house.call()
        time.sleep(0.5)

    note("worker hangs inside its transaction", house.assert_settles())
    send(int(flag.read_text()), signal.SIGCONT)
    house.crew.retire(nursery)
    house.assert_settles(within=10)


def _calls(house: House) -> int:
    return len(house.carrier.store.calls())


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, server: PostgresServer) -> Iterator[House]:
    environment = {"VOICELINE_DATABASE_URL": server.url}
    with open_house(tmp_path_factory.mktemp("database"), environment=environment) as opened:
        opened.call()
        opened.assert_settles()
        yield opened
