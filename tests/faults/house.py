"""The whole service as production runs it, in a folder of its own, and a carrier that calls it."""

from __future__ import annotations

import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import lines
import numpy as np
from faults.checker import complaints
from faults.crew import Crew
from faults.ledger import KeepingCarrier
from faults.objects import FolderObjects
from faults.redis_program import RedisProgram
from sqlalchemy import create_engine, select, update

from jobs.queue import connect, open_queue
from voiceline import schema
from voiceline.bootstrap import build, number_addresses
from voiceline.database import make_sessions
from voiceline.models import Call, PeriodicRun, Voicemail
from voiceline.periods import LONG_AGO
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.settings import load_settings
from voiceline.simulator import Caller, CarrierConfig, Faults, Number, running
from voiceline.simulator.audio import write_wav

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from faults.crew import Member
    from faults.objects import Objects
    from redis import Redis
    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.bootstrap import Services
    from voiceline.simulator import CallRecord

PROMISE = 120.0
"""Seconds within which the service makes up for any single fault, by itself."""

PATIENCE = 2 * PROMISE
"""Seconds after which a test gives up: a machine that does three things at once is slower, and what
each fault took stands at the end of the run."""

GRACE = 20
"""Seconds until a call is over whose end nobody told us; our calls last for one at most."""

LOOK_SECONDS = 0.5
CALLERS = 4
"""Calls at a time: a test machine has two cores."""

KEYS = ("4021#", "", "3", "1")
"""Acme's code; the greeting is heard; delete; send."""

EVERYBODY = ("telephone", "fallback", "collect", "transcribe", "notify", "upkeep", "scheduler")


@dataclass
class House:
    """What a scenario holds."""

    folder: Path
    services: Services
    carrier: KeepingCarrier
    crew: Crew
    queue: RedisProgram
    objects: Objects
    reading: sessionmaker[Session]
    """Sessions that only look: on SQLite ours would take the write lock from the workers."""
    records: list[CallRecord] = field(default_factory=list)
    seed: random.Random = field(default_factory=lambda: random.Random(20261121))

    def call(self, count: int = 1, *keys: str, **script: Any) -> list[CallRecord]:
        """Let so many people call, a few at a time, each with another message."""
        callers = [self._caller(keys or KEYS, script) for _ in range(count)]
        to = [script.get("to", lines.NUMBER)] * count
        with ThreadPoolExecutor(CALLERS) as pool:
            records = list(pool.map(self.carrier.place_call, callers, to))
        self.records += records
        return records

    def assert_settles(self, within: float = PATIENCE) -> float:
        """Wait until the checker has no complaint; answer after how many seconds."""
        began = time.monotonic()
        while found := complaints(self):
            assert time.monotonic() - began < within, "\n".join(found[:40])
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    def backlog(self, queue: str) -> int:
        """Answer how many jobs wait in the queue."""
        return open_queue(queue, self.redis()).count

    def redis(self) -> Redis:
        """Answer a connection to the queue's server."""
        return connect(self.services.settings)

    def member(self, name: str) -> Member:
        """Answer the process of the name."""
        return self.crew.named(name)

    def let_an_hour_pass(self) -> None:
        """Let what was parked be due again, and every periodic job."""
        with self.services.sessions.begin() as session:
            parked = update(Voicemail).where(Voicemail.status == VoicemailStatus.FAILED)
            session.execute(parked.values(due_at=datetime.now(UTC)))
            session.execute(update(PeriodicRun).values(last_run_at=LONG_AGO))

    def let_calls_be_older(self, by: timedelta, records: Sequence[CallRecord]) -> None:
        """Let the calls have begun so much earlier, as far as we know."""
        with self.services.sessions.begin() as session:
            for record in records:
                call = session.execute(
                    select(Call).where(Call.carrier_id == record.call_id)
                ).scalar_one()
                call.started_at -= by

    def voicemails(self, *conditions: Any) -> list[Voicemail]:
        """Answer the voicemails of which all conditions hold."""
        with self.reading() as session:
            return list(session.scalars(select(Voicemail).where(*conditions)))

    def call_meanwhile(self, count: int, **script: Any) -> Future[list[CallRecord]]:
        """Let so many people call while the test does something else."""
        pool = ThreadPoolExecutor(1)
        calling = pool.submit(self.call, count, **script)
        pool.shutdown(wait=False)
        return calling

    def _caller(self, keys: tuple[str, ...], script: Mapping[str, Any]) -> Caller:
        facts = {"number": lines.CALLER, "keys": keys, "say": self.message(), "end": "#"}
        return Caller(**(facts | {name: v for name, v in script.items() if name != "to"}))

    def message(self) -> bytes:
        """Answer two seconds of sound that nobody else says."""
        noise = np.random.default_rng(self.seed.getrandbits(64))
        return write_wav(noise.integers(-9000, 9000, 16000, dtype=np.int16))


@contextmanager
def open_house(
    folder: Path,
    *,
    members: Sequence[str] = EVERYBODY,
    objects: Objects | None = None,
    environment: Mapping[str, str] | None = None,
    faults: Faults | None = None,
) -> Iterator[House]:
    """Start everything, and end it by pid; `members` are the processes that are started."""
    ports = free_ports(2)
    telephone, fallback = (f"http://127.0.0.1:{port}" for port in ports)
    with ExitStack() as stack:
        carrier = KeepingCarrier(
            CarrierConfig(
                account_sid=lines.ACCOUNT,
                auth_token=lines.TOKEN,
                data_dir=folder / "carrier",
                speed=0,
                faults=faults or Faults(),
            )
        )
        carrier_url = stack.enter_context(running(carrier))
        facts = {
            "VOICELINE_DATA_DIR": str(folder / "var"),
            "VOICELINE_TELEPHONE_URL": telephone,
            "VOICELINE_FALLBACK_URL": fallback,
            "VOICELINE_TWILIO_API_BASE": carrier_url,
            "VOICELINE_TWILIO_ACCOUNT_SID": lines.ACCOUNT,
            "VOICELINE_TWILIO_AUTH_TOKEN": lines.TOKEN,
            "VOICELINE_TWILIO_NUMBERS": lines.NUMBER,
            "VOICELINE_TRANSCRIBER": "none",
            "VOICELINE_CARRIER_GRACE_SECONDS": str(GRACE),
        } | dict(environment or {})
        services = build(load_settings(facts))
        stack.callback(services.engine.dispose)
        schema.upgrade(services.engine)
        lines.open_accounts(services)
        _list_numbers(carrier, services)
        logs = folder / "logs"
        logs.mkdir()
        queue = RedisProgram(services.settings, logs / "redis.log")
        queue.start()
        stack.callback(queue.kill)
        crew = Crew(logs, facts)
        stack.callback(crew.stop)
        kept = objects or FolderObjects(folder / "var" / "store")
        carrier.ledger.is_safe = kept.has
        looking = create_engine(services.settings.database, pool_pre_ping=True)
        stack.callback(looking.dispose)
        house = House(folder, services, carrier, crew, queue, kept, make_sessions(looking))
        start_members(crew, members, ports)
        yield house
        carrier.drain(30)


def start_members(crew: Crew, members: Sequence[str], ports: Sequence[int]) -> None:
    """Start the processes and wait until the web servers answer."""
    web = dict(zip(("telephone", "fallback"), ports, strict=True))
    for name in members:
        if name in web:
            crew.start(name, "serve", name, "--port", str(web[name]), "--workers", "1")
        elif name == "scheduler":
            crew.start(name, "scheduler")
        else:
            crew.start(name, "worker", name)
    for name, port in web.items():
        if name in members:
            await_answer(f"http://127.0.0.1:{port}/healthz")


def await_answer(url: str, within: float = 150) -> None:
    """Wait until the web server answers."""

    def answers() -> bool:
        with suppress(OSError), urlopen(url, timeout=2) as answer:
            return answer.status == 200
        return False

    wait_for(answers, url, within)


def wait_for(condition: Any, what: str, within: float = PATIENCE) -> Any:
    """Look until the condition holds, and answer what it answered."""
    began = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - began < within, f"waited {within:.0f} s for {what}"
        time.sleep(0.05)
    return found


def free_ports(count: int) -> list[int]:
    """Answer ports that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _list_numbers(carrier: KeepingCarrier, services: Services) -> None:
    """Point the carrier's numbers at us, with the addresses that production has."""
    addresses = number_addresses(services.settings)
    for number in (lines.NUMBER, lines.DEDICATED):
        carrier._numbers[number] = Number(number, **addresses)
