"""Everything at once and at random: nothing lost, nothing twice. The seed is printed."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house
from faults.postgres_server import PostgresServer, postgres_server
from faults.report import note
from faults.signals import send

from voiceline.simulator import Faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(600),
]

CALLS = int(os.environ.get("MONKEY_CALLS", "60"))
SEED = int(os.environ.get("MONKEY_SEED", time.time_ns() % 10**6))
PAUSE = (0.3, 2.0)
"""Seconds between two faults."""

AT_A_TIME = 4
CALL_PAUSE = (0.5, 3.0)
"""Seconds between one handful of callers and the next: the faults must find them at it."""

LONGEST = 240
"""Seconds of faults, however slow the calls."""

WORKERS = ("collect", "transcribe", "notify", "upkeep")
CARRIER = (
    Faults(),
    Faults(callbacks_repeated=5, repeats_at_once=True),
    Faults(callbacks_shuffled=2.0),
    Faults(callbacks_lost=2),
    Faults(media_truncated=2, media_html=2),
    Faults(throttled=2, broken=2, deletes_failing=2),
    Faults(requests_repeated=1),
)


@dataclass
class Monkey:
    """Breaks one thing after the other."""

    house: House
    server: PostgresServer
    chance: random.Random

    def go_on_until(self, over: Callable[[], bool]) -> int:
        """Break things until it is over; answer how many."""
        until, broken = time.monotonic() + LONGEST, 0
        while not over() and time.monotonic() < until:
            self.break_something()
            broken += 1
            time.sleep(self.chance.uniform(*PAUSE))
        return broken

    def break_something(self) -> None:
        """Break one thing, chosen by chance."""
        tricks = (
            self.kill_worker,
            self.kill_work_horse,
            self.kill_scheduler,
            self.kill_web_server,
            self.flush_queue,
            self.restart_queue,
            self.cut_database_off,
            self.crash_database,
            self.confuse_carrier,
        )
        self.chance.choice(tricks)()

    def kill_worker(self) -> None:
        self.house.member(self.chance.choice(WORKERS)).send(signal.SIGKILL)

    def kill_work_horse(self) -> None:
        for pid in self.house.member(self.chance.choice(WORKERS)).children:
            send(pid, signal.SIGKILL)

    def kill_scheduler(self) -> None:
        self.house.member("scheduler").send(signal.SIGKILL)

    def kill_web_server(self) -> None:
        for pid in self.house.member("telephone").children:
            send(pid, signal.SIGKILL)

    def flush_queue(self) -> None:
        self.house.redis().flushall()

    def restart_queue(self) -> None:
        self.house.queue.kill()
        time.sleep(self.chance.uniform(0, 2))
        self.house.queue.start()

    def cut_database_off(self) -> None:
        self.server.cut_everybody_off()

    def crash_database(self) -> None:
        self.server.crash()
        time.sleep(self.chance.uniform(0, 2))
        self.server.start()

    def confuse_carrier(self) -> None:
        self.house.carrier.set_faults(self.chance.choice(CARRIER))


def test_monkey_loses_and_doubles_nothing(house: House, server: PostgresServer):
    print(f"MONKEY_SEED={SEED} MONKEY_CALLS={CALLS}")  # noqa: T201 - to repeat a run
    monkey = Monkey(house, server, random.Random(SEED))
    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(_call_in_handfuls, house, random.Random(SEED + 1))
        broken = monkey.go_on_until(calling.done)
    house.carrier.set_faults(Faults())

    note(f"monkey, {CALLS} calls, {broken} faults, seed {SEED}", house.assert_settles())
    outcomes = {record.outcome for record in house.records}
    assert "carrier_error_message" not in outcomes, f"MONKEY_SEED={SEED}"


def _call_in_handfuls(house: House, chance: random.Random) -> None:
    for _ in range(0, CALLS, AT_A_TIME):
        house.call(AT_A_TIME)
        time.sleep(chance.uniform(*CALL_PAUSE))


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with postgres_server() as started:
        yield started


@pytest.fixture
def house(tmp_path, server: PostgresServer) -> Iterator[House]:
    with open_house(tmp_path, environment={"VOICELINE_DATABASE_URL": server.url}) as opened:
        yield opened
