"""The dashboard behind the web server it is run with: real HTTP, real ranges, real cookies."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from factories import make_message, tone
from sqlalchemy import select
from staff import make_world

from voiceline.login_sessions import open_session
from voiceline.models import Download

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 30


def test_strangers_are_served_what_is_public(ask, world):
    health = ask("GET", "/healthz")
    inbox = ask("GET", world.inbox)

    assert (health.status, health.body) == (200, b'{"status":"ok"}\n')
    assert inbox.status == 302
    assert inbox.headers["Location"].startswith("/sign-in?next=")
    assert not any(char.isdigit() for char in inbox.headers.get("Server", ""))


def test_message_is_streamed_in_whole_and_in_part(ask, world, token):
    cookie = {"Cookie": f"voiceline={token}"}

    head = ask("HEAD", world.audio, cookie)
    whole = ask("GET", world.audio, cookie)
    part = ask("GET", world.audio, cookie | {"Range": "bytes=100-199"})

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(tone()))
    assert (whole.status, whole.body) == (200, tone())
    assert (part.status, part.body) == (206, tone()[100:200])
    assert part.headers["Content-Type"] == "audio/wav"


def test_client_that_hangs_up_ends_its_archive(ask, world, token, services, port):
    with services.sessions.begin() as session:
        for _ in range(60):
            make_message(session, world.acme_code, services.store, audio=tone(60.0))
    page = ask("GET", f"{world.inbox}/downloads", {"Cookie": f"voiceline={token}"})
    cookies = [each.partition(";")[0] for each in page.headers.get_all("Set-Cookie")]
    secret = page.body.decode().partition('name="csrf_token" value="')[2].partition('"')[0]
    form = f"csrf_token={secret}"

    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(
            f"POST {world.inbox}/downloads/voicemails.zip HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Cookie: {'; '.join([f'voiceline={token}', *cookies])}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(form)}\r\n\r\n{form}".encode()
        )
        began = caller.recv(1000)

    assert b"200 OK" in began
    row = _ended_download(services)
    assert row.done < row.voicemails


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture
def world(services):
    return make_world(services)


@pytest.fixture
def token(services, world):
    with services.sessions.begin() as session:
        return open_session(session, world.alice, datetime.now(UTC))


@pytest.fixture
def port(services) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    program = "from voiceline.cli import main; main()"
    arguments = ["serve", "dashboard", "--port", str(number), "--workers", "1", "--threads", "2"]
    server = subprocess.Popen([sys.executable, "-c", program, *arguments])
    try:
        _wait_for(number, server)
        yield number
    finally:
        server.terminate()
        server.wait(START_SECONDS)


@pytest.fixture
def ask(port):
    def ask(method, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return Answer(answer.status, answer.headers, body)

    return ask


def _ended_download(services):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with services.sessions() as session:
            row = session.scalars(select(Download)).one()
        if row.ended_at is not None:
            return row
        time.sleep(0.1)
    return pytest.fail("the archive went on")


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the web server did not start")
