"""Whoever is killed at whichever step of `collect`: one voicemail, one object, one request.

All cases happen at once in one house: each has a worker of its own that stops at its place. The
calls of the house are worked off by all of them, and the checker looks at all calls.
"""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from faults.house import CALLERS, PATIENCE, House, open_house, wait_for
from faults.report import note

from voiceline.outbox import LEASE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(600)]

PLACES = (
    "after_claim",
    "after_fetch",
    "after_put",
    "before_commit",
    "after_commit",
    "before_carrier_delete",
    "after_carrier_delete",
)
AT_ONCE = ("horse", "worker", "both")
"""Who is killed when the place is reached; of a worker killed alone the work-horse goes on."""

TOO_LATE = ("orphan", "frozen")
"""An orphan, or a worker that hangs, goes on only after its lease, when another had the row."""

CASES = [
    *product(PLACES, AT_ONCE),
    *product(("after_put", "before_carrier_delete"), TOO_LATE),
]
CALLS = len(CASES) + 4
REACHED_WITHIN = 300
"""Seconds until each worker had a call: whoever waited longest gets the next one, and on a slow
machine many go round before the last worker's turn comes."""

NURSERY = Path(__file__).with_name("nursery.py")


@dataclass
class Case:
    """A worker that stops at a place, and what becomes of it."""

    place: str
    victim: str
    flag: Path
    horse: int = 0
    worker: int = 0

    def reached(self) -> bool:
        """Note the work-horse that wrote the flag, and whose it is, once it has."""
        if not self.horse and self.flag.exists() and (pid := self.flag.read_text()):
            self.horse = int(pid)
            self.worker = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")")[-1].split()[1])
            return True
        return False

    def strike(self) -> None:
        """Do at once what this case is about."""
        if self.victim in {"worker", "both", "orphan"}:
            _send(self.worker, signal.SIGKILL)
        if self.victim == "frozen":
            _send(self.worker, signal.SIGSTOP)
        if self.victim in {"horse", "both"}:
            _send(self.horse, signal.SIGKILL)
        if self.victim == "worker":
            _send(self.horse, signal.SIGCONT)

    def go_on(self) -> None:
        """Let those who were stopped go on, long after their lease."""
        if self.victim in TOO_LATE:
            _send(self.horse, signal.SIGCONT)
        if self.victim == "frozen":
            _send(self.worker, signal.SIGCONT)


@dataclass
class Outcome:
    house: House
    struck: dict[tuple[str, str], bool]
    recovered: float


def test_all_calls_are_filed_once_before_patience_ends(outcome: Outcome):
    note("collect killed at each step", outcome.recovered)

    assert outcome.recovered < PATIENCE


@pytest.mark.parametrize(("place", "victim"), CASES)
def test_step_was_reached_and_struck(outcome: Outcome, place: str, victim: str):
    assert outcome.struck[place, victim]


def test_late_survivors_change_nothing(outcome: Outcome):
    outcome.house.assert_settles(within=5)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("killed")
    with open_house(folder) as house:
        cases = [Case(*case, folder / f"flag-{'-'.join(case)}") for case in CASES]
        try:
            yield _run(house, cases)
        finally:
            for case in cases:
                case.go_on()


def _run(house: House, cases: list[Case]) -> Outcome:
    """Strike every case once, and wait until the house has made up for all of it."""
    faults = [f"{case.place}:{case.flag}" for case in cases]
    house.crew.start_program("nursery", str(NURSERY), "collect", *faults)
    struck: dict[tuple[str, str], bool] = {}
    began = time.monotonic()
    with ThreadPoolExecutor(1) as caller:
        calling = caller.submit(house.call, CALLS)
        while len(struck) < len(cases):
            for case in cases:
                if case.reached():
                    case.strike()
                    struck[case.place, case.victim] = True
            assert time.monotonic() - began < REACHED_WITHIN, sorted(set(CASES) - struck.keys())
            if calling.done() and len(struck) < len(cases) and not house.backlog("collect"):
                calling = caller.submit(house.call, CALLERS)
            time.sleep(0.01)
    recovered = house.assert_settles()
    wait_for(lambda: time.monotonic() - began > LEASE.total_seconds(), "the leases' end")
    for case in cases:
        case.go_on()
    time.sleep(3)
    return Outcome(house, struck, recovered)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
