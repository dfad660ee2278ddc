"""Requests to providers: no redirect, nothing large, never into a network of our own."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import requests

from voiceline.dashboard import outgoing
from voiceline.dashboard.outgoing import LARGEST_ANSWER, is_public, limit


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::"),
    ],
)
def test_no_network_of_our_own_is_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_the_internet_is_public(address):
    assert is_public(address)


def test_loopback_is_reached_in_development_alone():
    with serving(b"fine") as address:
        assert bound(loopback=True).get(address).text == "fine"
        with pytest.raises(requests.ConnectionError):
            bound(loopback=False).get(address)


def test_name_with_one_private_address_is_not_reached(monkeypatch):
    resolve(monkeypatch, [["1.1.1.1", "10.0.0.1"]])

    with pytest.raises(requests.ConnectionError):
        bound(loopback=False).get("http://provider.example/")


def test_name_that_changes_its_answer_is_asked_once(monkeypatch):
    asked = resolve(monkeypatch, [["1.1.1.1"], ["127.0.0.1"]])
    reached = []

    def connect(address, *_, **__):
        reached.append(address)
        raise OSError("no network in the tests")

    monkeypatch.setattr(outgoing, "create_connection", connect)
    with pytest.raises(requests.ConnectionError):
        bound(loopback=False).get("http://provider.example/")

    assert reached == [("1.1.1.1", 80)]
    assert asked == ["provider.example"]


def test_redirect_is_not_followed():
    with (
        serving(b"", status=302, location="http://169.254.169.254/") as address,
        pytest.raises(requests.exceptions.InvalidURL),
    ):
        bound(loopback=True).get(address)


def test_answer_that_is_too_large_is_not_read():
    with (
        serving(b"x" * (LARGEST_ANSWER + 8192)) as address,
        pytest.raises(requests.exceptions.ContentDecodingError),
    ):
        bound(loopback=True).get(address)


def test_answer_that_takes_too_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(outgoing, "WHOLE_SECONDS", -1)

    with serving(b"late") as address, pytest.raises(requests.ConnectionError):
        bound(loopback=True).get(address)


def bound(*, loopback):
    session = requests.Session()
    limit(session, loopback=loopback)
    return session


def resolve(monkeypatch, answers):
    """Let names lead to one answer after the other; answer which were asked for."""
    asked, left = [], iter(answers)

    def getaddrinfo(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in next(left)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@contextmanager
def serving(body, *, status=200, location=None):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            with suppress(OSError):  # the client has gone, as it should
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
