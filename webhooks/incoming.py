"""One event from the carrier: measured, proven, and read without trusting any of it.

The order matters: size and method first, then who signed, then what it says. Whatever is wrong
is answered here, before a view or the database has seen anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote_to_bytes

import structlog
from flask import abort, g, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from voiceline.carrier_events import SHORTEST, RecordingNotice
from webhooks.line import line
from webhooks.signature import is_signed, keys_at

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request
    from werkzeug.local import LocalProxy

    from voiceline.settings import Settings
    from webhooks.state import CallState

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 1000
MOST_BYTES = 64 * 1024
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_ID = re.compile(r"[A-Za-z0-9]{2,64}", re.ASCII)
"""CallSid and RecordingSid: hex at Twilio, other letters at other carriers' emulators."""

_RECORDING_IN_URL = re.compile(r"/Recordings/(RE[A-Za-z0-9]{2,62})(?:\.\w+)?$", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

log = structlog.get_logger()


@dataclass(frozen=True)
class CarrierEvent:
    """What the carrier says."""

    pairs: tuple[tuple[str, str], ...]
    received_at: datetime
    token: str | None
    """The call's state as it stood in our URL."""
    _values: dict[str, str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.pairs:
            self._values[name] = None if name in self._values else value

    def get(self, name: str) -> str:
        """Answer a parameter, empty where it is missing or given twice: none is picked."""
        return _CONTROL.sub("", self._values.get(name) or "").strip()

    @cached_property
    def call_id(self) -> str:
        """The carrier's id of the call; a malformed one answers 400."""
        return _checked(self.get("CallSid"))

    @cached_property
    def state(self) -> CallState:
        """What the call has come to so far."""
        return line().seal.read(self.token, self.call_id)

    @property
    def digits(self) -> str:
        """What was keyed, to the letter: cleaned, a wrong entry could become somebody's code."""
        return self._values.get("Digits") or ""

    @property
    def hung_up(self) -> bool:
        """Whether nobody hears our answer."""
        return self.digits == "hangup" or self.get("CallStatus") in OVER

    @property
    def recording_id(self) -> str:
        """The carrier's id of the recording, or empty; its URL is only read for the id."""
        if given := self.get("RecordingSid"):
            return _checked(given)
        found = _RECORDING_IN_URL.search(self.get("RecordingUrl"))
        return found[1] if found else ""

    @property
    def seconds(self) -> int | None:
        """The recording's length as claimed, or None for what cannot be one."""
        text = self.get("RecordingDuration")
        longest = line().settings.recording_seconds + 60
        return min(int(text), longest) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else None

    @property
    def heard(self) -> bool:
        """Whether the recording is long enough to hold a word."""
        return self.seconds is None or self.seconds >= SHORTEST

    def notice(self, status: str) -> RecordingNotice:
        """Answer what the event says about a recording."""
        state = self.state
        return RecordingNotice(
            call_id=self.call_id,
            recording_id=self.recording_id,
            status=status,
            recorded_at=self._recorded_at(),
            seconds=self.seconds,
            take=state.take,
            code=state.code,
            language=state.language,
            right=state.right,
            from_number=self.get("From")[:64] or None,
            to_number=(self.get("To") or state.number or "")[:64] or None,
            hung_up=self.hung_up,
        )

    def _recorded_at(self) -> datetime:
        """Answer when the caller stopped speaking, as well as the event tells."""
        try:
            start = parsedate_to_datetime(self.get("RecordingStartTime"))
        except (ValueError, OverflowError):
            return self.received_at
        if start.tzinfo is None:
            start = start.replace(tzinfo=UTC)
        ended = start.timestamp() + (self.seconds or 0)
        return datetime.fromtimestamp(min(ended, self.received_at.timestamp()), UTC)


def event() -> CarrierEvent:
    """Answer this request's event, which `admit` has proven."""
    proven: CarrierEvent = g.event
    return proven


def admit() -> None:
    """Let a signed event of our own account in; abort with everything else."""
    asked = _without_proxy(request)
    if isinstance(asked.routing_exception, MethodNotAllowed | NotFound):
        raise asked.routing_exception
    environ = asked.environ
    if not environ.get("HTTP_X_TWILIO_SIGNATURE"):
        _refuse("unsigned")  # before its body is waited for, which may never come
    now, settings = datetime.now(UTC), line().settings
    body = asked.get_data(cache=True)
    mimetype = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    is_form = mimetype == FORM or (not body and mimetype == "")
    pairs = _parse(body) if is_form else None
    if not _proven(settings, environ, pairs, body, now):
        _refuse("signature")
    if pairs is None:
        abort(415)
    token = asked.args.get("s") if environ.get("QUERY_STRING") else None
    proven = CarrierEvent(tuple(pairs), now, token)
    if proven.get("AccountSid") != settings.twilio_account_sid:
        _refuse("account")
    _ = proven.call_id
    g.event = proven


def _without_proxy(proxy: Request) -> Request:
    """Answer what `flask.request` stands for: each look through it costs a microsecond."""
    found: Request = cast("LocalProxy[Request]", proxy)._get_current_object()  # noqa: SLF001
    return found


def _proven(
    settings: Settings,
    environ: WSGIEnvironment,
    pairs: list[tuple[str, str]] | None,
    body: bytes,
    now: datetime,
) -> bool:
    path = request.path
    if query := environ.get("QUERY_STRING"):
        path = f"{path}?{query}"
    keys = keys_at(settings, now)
    return any(
        is_signed(
            keys=keys,
            url=base + path,
            form=pairs,
            body=body,
            signature=environ.get("HTTP_X_TWILIO_SIGNATURE"),
            scheme=environ.get("HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS"),
        )
        for base in {settings.telephone_url, settings.fallback}
    )


def _refuse(why: str) -> None:
    """Answer 403 with nothing in it; how often this happens is worth an alarm."""
    log.warning("webhook.refused", error=why, path=request.path)
    abort(403)


def _parse(body: bytes) -> list[tuple[str, str]]:
    """Read a form's pairs in order, blanks and repetitions included; more than 1,000 are 413."""
    if body.count(b"&") >= MOST_PARAMETERS:
        abort(413)
    try:
        return read_form(body.decode("ascii"))
    except ValueError:
        abort(400)


def read_form(text: str) -> list[tuple[str, str]]:
    """Answer the pairs that `parse_qsl` answers, a good deal sooner: most words need no decoding.

    Raises ValueError for bytes that are not UTF-8.
    """
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            if "%" in part or "+" in part:
                value = _decode(value)
                if not name.isalnum():
                    name = _decode(name)
            pairs.append((name, value))
    return pairs


def _decode(word: str) -> str:
    word = word.replace("+", " ")
    return unquote_to_bytes(word).decode("utf-8") if "%" in word else word


def _checked(carrier_id: str) -> str:
    if not _ID.fullmatch(carrier_id):
        abort(400)
    return carrier_id
