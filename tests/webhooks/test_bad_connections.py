"""Bad connections, W38 and W39, and HEAD on media: against the web server that production runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from fakes.wav import silence
from lines import ACCOUNT, NUMBER, TOKEN
from loopback_ports import free_ports
from signed import FORM, call_facts, signature
from source_tree import ROOT

from voiceline.audit import OPERATOR
from voiceline.bootstrap import build
from voiceline.businesses import assign_code, open_business
from voiceline.greetings import set_greeting
from voiceline.rules.retention import AccountTier
from voiceline.settings import load_settings
from voiceline.settings_checks import PREFIX

AT = datetime(2026, 11, 20, tzinfo=UTC)
AUDIO = silence(4000)
THREADS = 4
STARTED_WITHIN = 60
"""Seconds a loaded machine may need to start the server."""


@pytest.mark.parametrize(
    "lines",
    [
        ("Transfer-Encoding: chunked", "Content-Length: 4"),
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Content-Length: 4", "Content-Length: 5"),
        ("Content-Length: -1",),
        ("Transfer-Encoding: chunked, identity",),
    ],
    ids=lambda lines: lines[0].split(":")[0] + str(len(lines)),
)
def test_w38_two_lengths_of_one_body(server, lines):
    head = "\r\n".join(
        (
            "POST /voice/answer HTTP/1.1",
            f"Host: 127.0.0.1:{server}",
            f"Content-Type: {FORM}",
            *lines,
        )
    )

    with _connected(server) as wire:
        wire.sendall(f"{head}\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = _read(wire)

    assert answer.split(b" ")[1] in {b"400", b"403", b"413", b"501"}
    assert b'"status": "ok"' not in answer


def test_w39_half_bodies_unsigned_keep_nobody_waiting(server):
    with ExitStack() as stack:
        slow = [stack.enter_context(_connected(server)) for _ in range(THREADS * 8)]
        for wire in slow:
            wire.sendall(
                f"POST /voice/answer HTTP/1.1\r\nHost: 127.0.0.1:{server}\r\n"
                f"Content-Type: {FORM}\r\nContent-Length: 400\r\n\r\nCallSid=".encode()
            )

        refused = slow[0].recv(100)
        answers = [_answer_a_call(server) for _ in range(3)]

    assert refused.startswith(b"HTTP/1.1 403")
    assert all(b"Enter the service code" in answer for answer in answers)


def test_w39_the_proxy_waits_for_whole_bodies_itself():
    configuration = (ROOT / "docs" / "production" / "nginx.conf").read_text(encoding="utf-8")

    assert "proxy_pass http://telephone" in configuration
    assert "proxy_request_buffering off" not in configuration


def test_w39_half_headers_do_not_keep_others_waiting(server):
    with ExitStack() as stack:
        for _ in range(THREADS * 8):
            stack.enter_context(_connected(server)).sendall(b"POST /voice/answer HTTP/1.1\r\nHo")

        answer = _answer_a_call(server)

    assert b"Enter the service code" in answer


def test_a_real_server_answers_head_without_a_body(server, greeting):
    with _connected(server) as wire:
        wire.sendall(
            f"HEAD {greeting} HTTP/1.1\r\nHost: 127.0.0.1:{server}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        head, _, body = _read(wire).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200")
    assert f"content-length: {len(AUDIO)}".encode() in head.lower()
    assert body == b""


def test_a_real_server_names_the_length_of_a_document(server):
    head, _, body = _answer_a_call(server).partition(b"\r\n\r\n")

    assert f"content-length: {len(body)}".encode() in head.lower()
    assert b"transfer-encoding" not in head.lower()


def _answer_a_call(port):
    pairs = list(call_facts(CallStatus="ringing").items())
    signed = signature(f"http://127.0.0.1:{port}/voice/answer", pairs)
    body = urlencode(pairs)
    with _connected(port) as wire:
        wire.sendall(
            f"POST /voice/answer HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {FORM}\r\n"
            f"X-Twilio-Signature: {signed}\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}".encode()
        )
        return _read(wire)


def _connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=15)


def _read(wire):
    received = bytearray()
    with suppress(ConnectionResetError):
        while piece := wire.recv(65536):
            received += piece
    return bytes(received)


@pytest.fixture(scope="module")
def settings(tmp_path_factory, sqlite_template):
    """The settings of a telephone with a port and a database of its own."""
    folder = tmp_path_factory.mktemp("var")
    shutil.copy(sqlite_template, folder / "voiceline.db")
    (port,) = free_ports(1)
    return {
        "VOICELINE_DATA_DIR": str(folder),
        "VOICELINE_TELEPHONE_URL": f"http://127.0.0.1:{port}",
        "VOICELINE_TWILIO_ACCOUNT_SID": ACCOUNT,
        "VOICELINE_TWILIO_AUTH_TOKEN": TOKEN,
        "VOICELINE_TWILIO_NUMBERS": NUMBER,
    }


@pytest.fixture(scope="module")
def server(settings):
    """The port of `voiceline serve telephone` in a process of its own."""
    port = int(settings["VOICELINE_TELEPHONE_URL"].rpartition(":")[2])
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    command = [sys.executable, "-m", "voiceline", "serve", "telephone"]
    options = ["--port", str(port), "--workers", "1", "--threads", str(THREADS)]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.DEVNULL, env=others | settings
    ) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(port, process):
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), _connected(port):
            return
        time.sleep(0.1)
    raise AssertionError("the telephone's server did not start")


@pytest.fixture(scope="module")
def greeting(settings, server):
    """The path of a greeting's audio."""
    services = build(load_settings(settings))
    with services.sessions.begin() as session:
        business = open_business(session, name="Acme", tier=AccountTier.TRIAL, at=AT)
        code = assign_code(session, business, "4021", by=OPERATOR, at=AT)
        kept = set_greeting(session, code, language="en", at=AT, audio=AUDIO)
    services.engine.dispose()
    return f"/media/greetings/{kept.audio_sha256}.wav"
