"""The pages as a process of their own, and what it writes down while people ask."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from loopback_ports import free_ports
from sqlalchemy import select, text
from visitors import WISH, reference_in, token_in

from voiceline.models import PrivacyRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voiceline.bootstrap import Services

PATIENCE = 60
"""Seconds a loaded machine may need to start a process."""

CANARIES = {
    "name": "Zebulon Quartermain",
    "email": "zebulon@canary.example",
    "phone": "415 555 0987",
    "details": "marzipan and wolframite",
}
SECRETS = re.compile("Zebulon|Quartermain|canary|5550987|marzipan|wolframite")


def test_form_is_filed_by_the_server_itself(served, services: Services):
    token = token_in(served.get("/4021"))
    time.sleep(2.2)  # the server has a real clock, and nobody fills in a form in two seconds

    page = served.post("/4021", {"token": token} | WISH)

    with services.sessions() as session:
        request = session.scalars(select(PrivacyRequest)).one()
    assert reference_in(page) == request.reference


def test_nothing_typed_is_logged_even_when_all_breaks(served, services: Services):
    wish = WISH | CANARIES
    served.post("/4021", wish | {"token": "x", "email": "zebulon@@canary"})
    served.post("/4021", wish | {"details": CANARIES["details"] * 9000})
    served.post("/status", {"reference": "zebulon-canary"})
    with services.engine.begin() as connection:
        connection.execute(text("alter table service_code rename to service_code_away"))
    broken = served.post("/4021", wish | {"token": "x"})
    with services.engine.begin() as connection:
        connection.execute(text("alter table service_code_away rename to service_code"))

    log = served.stop()

    assert "sent twice, it is one request" in broken
    assert "consumer" in log
    assert SECRETS.findall(log) == []


class Served:
    """A server, as somebody on the web sees it."""

    def __init__(self, process: subprocess.Popen[str], base: str) -> None:
        self.process, self.base = process, base

    def get(self, path: str) -> str:
        return self._open(Request(self.base + path))

    def post(self, path: str, fields: dict) -> str:
        return self._open(Request(self.base + path, urlencode(fields, doseq=True).encode()))

    def stop(self) -> str:
        """End it; answer what it wrote."""
        self.process.terminate()
        return self.process.communicate(timeout=PATIENCE)[0]

    def _open(self, request: Request) -> str:
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except HTTPError as error:
            with error:
                return error.read().decode()


@pytest.fixture
def served(services: Services, world) -> Iterator[Served]:
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [sys.executable, "-m", "voiceline", "serve", "consumer", f"--port={port}", "--workers=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=dict(os.environ),
    )
    found = Served(process, f"http://127.0.0.1:{port}")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            found.get("/healthz")
            break
        except URLError:
            time.sleep(0.1)
    yield found
    if process.poll() is None:
        process.terminate()
    process.communicate(timeout=PATIENCE)
