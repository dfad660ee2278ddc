"""A carrier of one account, with knobs: enough of Twilio's REST API for the adapters' tests.

It is not the simulator: it follows no TwiML and dials nobody, but it can misbehave on demand.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from fakes.loopback import served
from flask import Flask, Response, jsonify, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

ACCOUNT = "AC" + "0" * 32
TOKEN = "the-present-token"


@dataclass
class FakeCarrier:
    base: str = ""
    token: str = TOKEN
    page_size: int = 2
    media: dict[str, bytes] = field(default_factory=dict)
    recordings: list[dict[str, Any]] = field(default_factory=list)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    number: dict[str, Any] = field(default_factory=dict)
    answer: Callable[[], Response] | None = None
    """When set, answers every request in the place of the carrier."""
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and password of each request."""

    def record(self, digit: str, audio: bytes, at: datetime, status: str = "completed") -> str:
        sid = "RE" + digit * 32
        self.media[sid] = audio
        self.recordings.append(
            {
                "sid": sid,
                "call_sid": "CA" + digit * 32,
                "start_time": format_datetime(at),
                "date_created": format_datetime(at),
                "duration": "1",
                "status": status,
            }
        )
        return sid


@contextmanager
def fake_carrier() -> Iterator[FakeCarrier]:
    carrier = FakeCarrier()
    with served(_application(carrier)) as carrier.base:
        yield carrier


def _application(carrier: FakeCarrier) -> Flask:
    app = Flask("fake_carrier")
    account = f"/2010-04-01/Accounts/{ACCOUNT}"

    @app.before_request
    def admit() -> Response | None:
        given = request.authorization
        password = (given.password if given else "") or ""
        carrier.seen.append((request.method, request.full_path.rstrip("?"), password))
        if carrier.answer is not None:
            return carrier.answer()
        if password != carrier.token:
            return _refusal(401, 20003)
        return None

    routes = {
        ("GET", "/Recordings.json"): _page,
        ("GET", "/Recordings/<sid>.wav"): _media,
        ("GET", "/Recordings/<sid>.json"): _recording,
        ("DELETE", "/Recordings/<sid>.json"): _deleted,
        ("GET", "/Calls/<sid>.json"): _call,
        ("GET", "/IncomingPhoneNumbers.json"): _numbers,
        ("POST", "/IncomingPhoneNumbers/<sid>.json"): _update,
    }
    for (method, path), view in routes.items():
        app.add_url_rule(account + path, view.__name__, partial(view, carrier), methods=[method])
    return app


def _page(carrier: FakeCarrier) -> Response:
    first = int(request.args.get("Page", 0)) * carrier.page_size
    rows = carrier.recordings[first : first + carrier.page_size]
    more = first + carrier.page_size < len(carrier.recordings)
    following = f"{request.path}?Page={first // carrier.page_size + 1}" if more else None
    return jsonify(recordings=rows, next_page_uri=following, page_size=carrier.page_size)


def _media(carrier: FakeCarrier, sid: str) -> Response:
    if sid not in carrier.media:
        return _refusal(404, 20404)
    return Response(carrier.media[sid], content_type="audio/x-wav")


def _recording(carrier: FakeCarrier, sid: str) -> Response:
    row = next((each for each in carrier.recordings if each["sid"] == sid), None)
    asked = request.args.get("IncludeSoftDeleted", "").lower() == "true"
    if row is None or (sid not in carrier.media and not asked):
        return _refusal(404, 20404)
    return jsonify(row)


def _deleted(carrier: FakeCarrier, sid: str) -> Response:
    if carrier.media.pop(sid, None) is None:
        return _refusal(404, 20404)
    return Response(status=204)


def _call(carrier: FakeCarrier, sid: str) -> Response:
    return jsonify(carrier.calls[sid]) if sid in carrier.calls else _refusal(404, 20404)


def _numbers(carrier: FakeCarrier) -> Response:
    wanted = request.args.get("PhoneNumber")
    found = [carrier.number] if carrier.number.get("phone_number") == wanted else []
    return jsonify(incoming_phone_numbers=found, next_page_uri=None)


def _update(carrier: FakeCarrier, sid: str) -> Response:
    if carrier.number.get("sid") != sid:
        return _refusal(404, 20404)
    names = {"VoiceUrl": "voice_url", "VoiceMethod": "voice_method"} | {
        "VoiceFallbackUrl": "voice_fallback_url",
        "VoiceFallbackMethod": "voice_fallback_method",
        "StatusCallback": "status_callback",
        "StatusCallbackMethod": "status_callback_method",
        "VoiceApplicationSid": "voice_application_sid",
        "TrunkSid": "trunk_sid",
    }
    carrier.number |= {names[name]: value for name, value in request.form.items()}
    return jsonify(carrier.number)


def _refusal(status: int, code: int) -> Response:
    answer = jsonify(code=code, message="refused", status=status)
    answer.status_code = status
    return answer
