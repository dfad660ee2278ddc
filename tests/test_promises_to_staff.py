"""The canary of the dashboard: nothing that a clerk writes, hears or looks for leaves a trace.

Law.md 5.1, line 63: log files never contain audio or compliance notes. Dashboard and workers are
processes of their own, and some of them break in the middle of their work, because what is
written then is what nobody looked at before.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import time
import zlib
from contextlib import ExitStack, suppress
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener
from uuid import uuid4

import lines
import pytest
from factories import PASSWORD, make_business, make_code, make_member, make_message, make_user
from loopback_ports import free_ports
from redis import Redis
from sqlalchemy import text as sql
from test_promises import _parts as parts_of

from jobs.queue import enqueue
from voiceline.bootstrap import build
from voiceline.businesses import open_operator
from voiceline.demo.redis_server import start_redis
from voiceline.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.redis

PATIENCE = 60
WORDS = {
    "a note": "tourmaline",
    "the spoken words": "marzipan",
    "what was looked for": "gooseberry",
    "a password": PASSWORD,
    "a wrong password": "obsidian-hunter-77",
    "a clerk's name": "Ottoline",
    "a clerk's address": "ottoline@acme.example",
    "the caller's number": "4155550987",
    "the end of an address": "?q=",
}
"""What must turn up nowhere, by the name it has when it does."""

AUDIO = lines.SPEECH.read_bytes()
SOUND = AUDIO[len(AUDIO) // 2 :][:96]
"""A piece from the middle of what was spoken."""


def test_l63_no_log_and_no_queue_holds_what_clerks_write_and_hear(house):
    house.sign_in()
    house.work()
    answers = house.work_in_vain()
    house.break_rows()
    answers += house.work_in_vain()
    house.break_tables()
    answers += house.work_in_vain()
    house.try_jobs()

    queue = house.redis
    house.stop()
    assert {500, 503} <= set(answers)
    logs = {name: path.read_bytes() for name, path in house.logs.items()}
    assert b'"level": "error"' in logs["dashboard"]
    assert not _found(logs)
    assert not _found(queue)


@pytest.mark.parametrize(("what", "status"), [("rows", 500), ("tables", 503)])
def test_a_page_that_breaks_tells_nothing(house, what, status):
    house.sign_in()
    getattr(house, f"break_{what}")()

    answered, page = house.get(f"{house.request}?q={WORDS['what was looked for']}")

    assert answered == status
    assert not _found({"the page": page.encode()})


def _found(places):
    needles = {what: word.encode() for what, word in WORDS.items()} | _shapes(SOUND)
    return [
        f"{what} in {name}"
        for name, data in places.items()
        for what, needle in needles.items()
        if needle in data
    ]


def _shapes(sound):
    """Answer the forms in which bytes get into texts; Base64 begins at any of three places."""
    shapes = {"audio": sound, "audio in hex": sound.hex().encode()}
    shapes["audio as Python writes it"] = repr(sound)[2:-1].encode()
    for start in range(3):
        inner = base64.b64encode(sound[start : start + 90])
        shapes[f"audio in Base64 from {start}"] = inner
    return shapes


class House:
    """A dashboard, workers and a clerk, each a process or a browser of its own."""

    def __init__(self, services, url: str, folder: Path, processes: ExitStack) -> None:
        self.services, self.url, self.folder, self.processes = services, url, folder, processes
        self.logs: dict[str, Path] = {}
        self._browser = build_opener(HTTPCookieProcessor(CookieJar()), _Stay())
        with services.sessions.begin() as session:
            open_operator(session, name="Voiceline", at=lines.NOON)
            acme = make_business(session)
            clerk = make_user(session, WORDS["a clerk's name"], email=WORDS["a clerk's address"])
            make_member(session, acme, clerk)
            request, voicemail = make_message(
                session,
                make_code(session, acme, "4021"),
                services.store,
                text=WORDS["the spoken words"],
                audio=AUDIO,
            )
            voicemail.call.caller_id = "+1" + WORDS["the caller's number"]
        self.inbox = f"/businesses/{acme.id}/requests"
        self.request = f"{self.inbox}/{request.id}"
        self.voicemail = voicemail.id

    @property
    def redis(self) -> dict[str, bytes]:
        """Answer every key of the queue with all that it holds, unpacked."""
        with Redis.from_url(self.services.settings.redis) as redis:
            return {
                key.decode(): b" ".join(
                    [key, *(_unpack(each) for each in parts_of(redis, key) if each)]
                )
                for key in redis.scan_iter()
            }

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

    def sign_in(self) -> None:
        """Sign in, with a wrong password first."""
        email = WORDS["a clerk's address"]
        for password, status in ((WORDS["a wrong password"], 422), (PASSWORD, 303)):
            assert self.post("/sign-in", "/sign-in", email=email, password=password) == status

    def work(self) -> None:
        """Look for something, read, listen, and write a note."""
        assert self.get(f"{self.inbox}?q={WORDS['what was looked for']}")[0] == 200
        assert self.get(self.request)[0] == 200
        assert self.get(f"{self.request}/audio.wav")[0] == 200
        assert self.write_note() == 303
        assert WORDS["a note"] in self.get(self.request)[1]

    def write_note(self) -> int:
        form = str(uuid4())
        return self.post(f"{self.request}/notes", "/account", text=WORDS["a note"], note=form)

    def break_tables(self) -> None:
        """Take away what pages and jobs are about to read and to write."""
        with self.services.engine.begin() as connection:
            for table in ("compliance_note", "transcript"):
                connection.execute(sql(f"alter table {table} rename to {table}_gone"))

    def break_rows(self) -> None:
        """Write a private word where a date should be: whoever reads it fails over that word."""
        with self.services.engine.begin() as connection:
            connection.execute(
                sql("update privacy_request set received_on = :word"), {"word": WORDS["a note"]}
            )

    def work_in_vain(self) -> list[int]:
        """Do it again, and what no page answers."""
        looked = quote(WORDS["the spoken words"])
        paths = (self.request, f"{self.inbox}?q={looked}", f"/{looked}", f"{self.request}/{looked}")
        return [
            *(self.get(path)[0] for path in paths),
            self.write_note(),
            self.post(
                "/sign-in", self.inbox, email=WORDS["a clerk's address"], password="x" * 5000
            ),
        ]

    def try_jobs(self) -> None:
        """Let workers find that they cannot work."""
        for queue in ("transcribe", "upkeep"):
            self.start(queue, "worker", queue)
        with Redis.from_url(self.services.settings.redis) as redis:
            for job in ("transcribe", "derive"):
                enqueue(redis, job, str(self.voicemail))
            for job in ("requeue_stalled", "reconcile", "expire"):
                enqueue(redis, job, ttl=60)
        _until(lambda: b"interrupted" in self.logs["upkeep"].read_bytes(), "no job was tried")

    def get(self, path: str) -> tuple[int, str]:
        """Answer the status and the page."""
        try:
            with self._browser.open(self.url + path) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode("utf-8", "replace")

    def post(self, path: str, page: str, **fields: str) -> int:
        """Send the form with the token of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page)[1])
        form = {"csrf_token": found[1] if found else "", **fields}
        try:
            with self._browser.open(self.url + path, urlencode(form).encode()) as answer:
                return answer.status
        except HTTPError as refused:
            with refused:
                return refused.code


class _Stay(HTTPRedirectHandler):
    """Follow no redirect: its status is the answer."""

    def redirect_request(self, *_: object) -> None:
        return None


def _unpack(value: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompress(value)
    return value


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
    """The dashboard on a port of its own and a Redis of its own; workers start when asked for."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment.setenv("VOICELINE_LOG_LEVEL", "DEBUG")
    environment.setenv("VOICELINE_DASHBOARD_URL", url)
    with ExitStack() as processes:
        services = build(load_settings())
        redis = start_redis(services.settings, tmp_path / "redis.log")
        processes.callback(redis.wait, 30)
        processes.callback(redis.terminate)
        built = House(services, url, tmp_path, processes)
        built.start("dashboard", "serve", "dashboard", "--port", str(port), "--workers", "1")
        _until(lambda: built.get("/sign-in")[0] == 200, "no dashboard")
        yield built
        services.engine.dispose()
