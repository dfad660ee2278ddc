"""The canary: a call whose every private word is unique, and everywhere it must not turn up.

The telephone and the workers are processes of their own, as in production, so that what is looked
through is what they really wrote. Nothing here replaces one of our modules.
"""

from __future__ import annotations

import subprocess
import sys
import time
import zlib
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from itertools import chain
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import lines
import pytest
from lines import ACCOUNT, DEDICATED, NUMBER, SPEECH, TOKEN, number_at
from loopback_ports import free_ports
from redis import Redis
from signed import FORM, call_facts, recorded, signature

from voiceline.bootstrap import build
from voiceline.demo.redis_server import start_redis
from voiceline.greetings import set_greeting
from voiceline.models import Delivery, ServiceCode, Transcript, User, Voicemail
from voiceline.rules.lifecycle import DeliveryStatus, VoicemailStatus
from voiceline.settings import load_settings
from voiceline.simulator import Caller, Carrier, CarrierConfig, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voiceline.bootstrap import Services

AT = datetime(2026, 11, 20, tzinfo=UTC)
PATIENCE = 90
"""Seconds a loaded machine may need for one step."""

CALLER = "+14155550987"
ADDRESS = "quillon@acme.example"
WORDS = {
    "the caller's number": "4155550987",
    "the caller's name": "Zebulon",
    "the spoken words": "marzipan",
    "the business's greeting": "wolframite",
    "a clerk's name": "Ottoline",
    "digits that were keyed": "86420975",
    "the carrier's token": TOKEN,
    "where a recording is": "/Recordings/RE",
    "the state of a call": "?s=",
}
"""What must turn up nowhere, by the name it has when it does."""

ONLY_IN_MAIL = {"where a notice goes": ADDRESS, "who asked whom": "Acme Shoes"}


def test_case_88_no_log_line_tells_of_a_caller(house):
    house.call()
    house.provoke()

    house.stop()

    logs = {name: path.read_text("utf-8") for name, path in house.logs.items()}
    assert "voicemail.stored" in logs["collect"]
    assert "webhook.refused" in logs["telephone"]
    assert not _found({**WORDS, **ONLY_IN_MAIL}, logs)


def test_redis_holds_ids_and_nothing_else(house):
    house.call(work=False)

    values = dict(house.redis_values())

    assert any("jobs.collect.collect" in value for value in values.values())
    assert not _found({**WORDS, **ONLY_IN_MAIL}, values)


def words_of(message):
    """Answer each part of a message as its reader has it, however it was packed."""
    return "".join(
        part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()
    )


def test_an_email_tells_nothing_of_the_caller(house):
    house.call()

    mails = {
        path.name: f"{path.read_text('utf-8')}{words_of(message_from_bytes(path.read_bytes()))}"
        for path in (house.services.settings.data_dir / "mail").rglob("*.eml")
    }

    assert len(mails) == 1
    assert ADDRESS in "".join(mails.values())
    assert not _found(WORDS, mails)


def test_an_error_page_tells_nothing(house):
    house.call(work=False)

    answers = house.provoke()

    assert {status for status, _ in answers} >= {400, 403, 404, 405, 413}
    assert not _found({**WORDS, **ONLY_IN_MAIL}, {str(s): body for s, body in answers if s != 200})


def _found(words, places):
    return [
        f"{what} in {name}"
        for name, text in places.items()
        for what, word in words.items()
        if word in text
    ]


@dataclass
class House:
    """The processes of a line, a carrier, and what they leave behind."""

    services: Services
    carrier: Carrier
    url: str
    folder: Path
    processes: ExitStack
    logs: dict[str, Path] = field(default_factory=dict)

    def start(self, name: str, *command: str) -> None:
        """Start one of our processes, with its words in a file."""
        self.logs[name] = self.folder / f"{name}.log"
        output = self.processes.enter_context(self.logs[name].open("wb"))
        process = subprocess.Popen(
            [sys.executable, "-m", "voiceline", *command], stdout=output, stderr=output
        )
        self.processes.callback(process.wait, 30)
        self.processes.callback(process.terminate)

    def stop(self) -> None:
        """End what was started."""
        self.processes.close()

    def call(self, *, work: bool = True) -> None:
        """Place the call, with a wrong code before, and let the jobs do what is owed."""
        keys = (f"{WORDS['digits that were keyed']}#", "4021#", "", "3", "1")
        script = Caller(number=CALLER, keys=keys, say=SPEECH, end="#")
        assert self.carrier.place_call(script, NUMBER).outcome == "completed"
        self.carrier.drain(30)
        if not work:
            _until(lambda: dict(self.redis_values()), "the bell never rang")
            return
        self.start("collect", "worker", "collect")
        _until(lambda: self._is(Voicemail, VoicemailStatus.STORED), "nothing was stored")
        with self.services.sessions.begin() as session:
            session.query(Transcript).update({Transcript.text: WORDS["the spoken words"]})
        self.start("notify", "worker", "notify")
        _until(lambda: self._is(Delivery, DeliveryStatus.DONE), "nothing was sent")

    def redis_values(self) -> Iterator[tuple[str, str]]:
        """Yield every key with all that it holds, unpacked."""
        with Redis.from_url(self.services.settings.redis) as redis:
            for key in redis.scan_iter():
                yield key.decode(), " ".join([key.decode(), *map(_unpack, _parts(redis, key))])

    def provoke(self) -> list[tuple[int, str]]:
        """Send everything that is refused, full of private words, and answer what came back."""
        words = call_facts(From=CALLER, CallerName=WORDS["the caller's name"])
        over = words | {"A": WORDS["the spoken words"] * 10_000}
        path = "/voice/code"
        return [
            self._post(path, words, token="wrong"),
            self._post(path, words | {"CallSid": f"CA'{CALLER}"}),
            self._post(path, over),
            self._post(f"/voice/{CALLER}", words),
            self._post(path, words, content_type="application/json"),
            self._post("/voice/recording", recorded(RecordingSid=f"../{CALLER}")),
            self._post("/voice/message", recorded(CallSid="CAunknown", From=CALLER)),
            self._post(path, words | {"Digits": WORDS["digits that were keyed"]}),
            self._send("GET", f"{path}?From={CALLER}", {}, None),
        ]

    def _post(
        self, path: str, facts: dict[str, str], *, token: str = TOKEN, content_type: str = FORM
    ) -> tuple[int, str]:
        signed = signature(self.url + path, list(facts.items()), token=token)
        headers = {"X-Twilio-Signature": signed, "Content-Type": content_type}
        return self._send("POST", path, headers, urlencode(facts).encode())

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, str]:
        try:
            with urlopen(Request(self.url + path, body, headers, method=method)) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def _is(self, table: type, status: str) -> bool:
        with self.services.sessions() as session:
            return session.query(table).filter_by(status=status).count() > 0


def _parts(redis, key):
    kind = redis.type(key)
    if kind == b"hash":
        return chain.from_iterable(redis.hgetall(key).items())
    if kind == b"list":
        return redis.lrange(key, 0, -1)
    if kind == b"set":
        return redis.smembers(key)
    if kind == b"zset":
        return redis.zrange(key, 0, -1)
    return [redis.get(key)]


def _unpack(value):
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode("utf-8", "replace")


def _until(condition, otherwise):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError):
            if condition():
                return
        time.sleep(0.1)
    raise AssertionError(otherwise)


@pytest.fixture
def house(environment, tmp_path):
    """The telephone on a port of its own and a Redis of its own; workers start when asked for."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    numbers = (number_at(url, NUMBER), number_at(url, DEDICATED))
    carrier = Carrier(CarrierConfig(ACCOUNT, TOKEN, tmp_path / "carrier", numbers, speed=0))
    environment.setenv("VOICELINE_LOG_LEVEL", "DEBUG")
    with running(carrier) as carrier_url, ExitStack() as processes:
        lines.set_up_environment(environment, url, carrier_url)
        services = build(load_settings())
        _open_accounts(services)
        redis = start_redis(services.settings, tmp_path / "redis.log")
        processes.callback(redis.wait, 30)
        processes.callback(redis.terminate)
        built = House(services, carrier, url, tmp_path, processes)
        built.start("telephone", "serve", "telephone", "--port", str(port), "--workers", "1")
        _until(lambda: built._send("GET", "/healthz", {}, None)[0] == 200, "no telephone")
        yield built
        services.engine.dispose()


def _open_accounts(services):
    lines.open_accounts(services)
    with services.sessions.begin() as session:
        code = session.query(ServiceCode).filter_by(code="4021").one()
        code.business.notify_address = ADDRESS
        set_greeting(session, code, language="en", at=AT, text=WORDS["the business's greeting"])
        session.add(User(email="clerk@acme.example", name=WORDS["a clerk's name"], created_at=AT))
