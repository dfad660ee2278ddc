"""An application of our own that answers TwiML, and a carrier that calls it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from fakes.loopback import served
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from voiceline.simulator import Caller, Carrier, CarrierConfig, Number, running
from voiceline.simulator.audio import RATE, write_wav

ACCOUNT = "AC" + "0a" * 16
TOKEN = "token-of-the-tests"
TOLL_FREE = "+18005550199"


@dataclass
class Received:
    """One request that reached the application."""

    method: str
    path: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    signed: bool
    body: bytes


@dataclass
class Line:
    """The application under the call, its log, and the carrier."""

    url: str = ""
    answers: dict[str, object] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    carrier: Carrier | None = None

    def answer(self, path, twiml):
        self.answers[path] = f"<Response>{twiml}</Response>"

    def call(self, to=TOLL_FREE, on_event=None, **script):
        return self.carrier.place_call(Caller(**script), to, on_event)

    def asked(self, path):
        return [one for one in self.received if one.path == path]

    def params(self, path):
        return [one.params for one in self.asked(path)]


def note_request(line):
    validator = RequestValidator(TOKEN)
    url = request.environ["REQUEST_URI"]
    full = line.url + url
    signature = request.headers.get("X-Twilio-Signature", "")
    body = request.get_data(cache=True)
    line.received.append(
        Received(
            method=request.method,
            path=request.path,
            url=full,
            params=dict(request.values),
            headers=dict(request.headers),
            signed=validator.validate(full, request.form, signature),
            body=body,
        )
    )


def build_application(line):
    app = Flask("application")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def answer(path):
        note_request(line)
        made = line.answers.get(f"/{path}", "<Response/>")
        made = made(len(line.asked(f"/{path}"))) if callable(made) else made
        return Response(made, mimetype="text/xml") if isinstance(made, str) else made

    return app


@pytest.fixture
def tone():
    """Make a telephone-quality WAV of so many seconds of a rising tone."""

    def make(seconds, first=400.0, last=1200.0):
        moments = np.arange(round(seconds * RATE)) / RATE
        rising = first * moments + (last - first) * moments**2 / (2 * seconds)
        return write_wav((12000 * np.sin(2 * np.pi * rising)).astype(np.int16))

    return make


@pytest.fixture
def line(tmp_path, config):
    """An application and the carrier that has its number; `line.answer(path, twiml)`."""
    line = Line()
    with served(build_application(line)) as url:
        line.url = url
        number = Number(TOLL_FREE, f"{url}/answer", status_callback=f"{url}/ended")
        line.carrier = Carrier(config(numbers=(number,)))
        yield line
        line.carrier.close()


@pytest.fixture
def config(tmp_path):
    """Make a carrier's configuration that waits for nothing."""

    def make(**changes):
        settings = {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "data_dir": tmp_path / "carrier",
            "api_key": "SK" + "1" * 32,
            "api_secret": "the-secret-of-the-key",
            "speed": 0,
        }
        return CarrierConfig(**(settings | changes))

    return make


@pytest.fixture
def base_url(line):
    """The line's carrier as a web server."""
    with running(line.carrier) as url:
        yield url
