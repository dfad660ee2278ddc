"""How every request to the carrier's REST API is sent: the twilio library on our own terms.

The library would log addresses and headers, choose its own host and leave time-outs out; this
client does none of it, and says in our two words what went wrong (reference: Twilio's REST API,
errors 20003, 20404, 20429, 20503).
"""

from __future__ import annotations

import logging
import re
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import HTTPError

from voiceline.errors import PermanentFailure, SettingsError, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCOUNT_ID = re.compile(r"AC[0-9a-f]{32}")
REFUSED = "the carrier refused our credentials: check VOICELINE_TWILIO_AUTH_TOKEN"
LONGEST_WAIT = 3600.0
"""Seconds of a Retry-After we believe; more is a mistake or a joke."""

_silent = logging.getLogger("voiceline.silent")
_silent.disabled = True


class CarrierHttp(HttpClient):  # type: ignore[misc]
    """One HTTP session with the carrier: our host, our time-outs, no log lines.

    `passwords` are tried in turn on 401, so that a token may be rotated while calls come in;
    the one that worked is tried first from then on.
    """

    def __init__(
        self,
        *,
        username: str,
        passwords: tuple[str, ...],
        api_base: str,
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        super().__init__(_silent, is_async=False)
        self.api_base = api_base.rstrip("/")
        self._username = username
        self._passwords = passwords
        self._timeouts = (connect_timeout, read_timeout)
        self._session = requests.Session()

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,  # noqa: ARG002 - we try several
        timeout: float | None = None,  # noqa: ARG002 - ours hold
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002 - never
    ) -> Response:
        answer = self.send(method, self.moved(uri), params=params, data=data, headers=headers)
        with answer, network_errors():
            text = answer.content.decode(errors="replace")
            return Response(answer.status_code, text, answer.headers)

    def send(self, method: str, url: str, **facts: object) -> requests.Response:
        """Answer an unread response that is neither a refusal of credentials nor a failure."""
        for password in self._passwords:
            with network_errors():
                answer = self._session.request(
                    method,
                    url,
                    auth=(self._username, password),
                    timeout=self._timeouts,
                    allow_redirects=False,
                    stream=True,
                    **facts,  # type: ignore[arg-type]
                )
            if answer.status_code != HTTPStatus.UNAUTHORIZED:
                self._prefer(password)
                break
            answer.close()
        raise_for_status(answer)
        return answer

    def moved(self, url: str) -> str:
        """Answer the library's address (of api.twilio.com) on the configured host."""
        parts = urlsplit(url)
        return self.api_base + urlunsplit(("", "", parts.path, parts.query, ""))

    def _prefer(self, password: str) -> None:
        if self._passwords[0] != password:
            self._passwords = (password, *(p for p in self._passwords if p != password))


def make_twilio_client(
    *,
    account_sid: str,
    username: str,
    passwords: tuple[str, ...],
    api_base: str = "https://api.twilio.com",
    connect_timeout: float = 5,
    read_timeout: float = 30,
) -> Client:
    """Answer the twilio library's client; its `http_client` is a CarrierHttp."""
    known = tuple(password for password in passwords if password)
    if not ACCOUNT_ID.fullmatch(account_sid):
        raise SettingsError("VOICELINE_TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits")
    if not username or not known:
        raise SettingsError("the carrier needs a user name and a token: see VOICELINE_TWILIO_*")
    http = CarrierHttp(
        username=username,
        passwords=known,
        api_base=api_base,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
    )
    return Client(username, known[0], account_sid=account_sid, http_client=http, environment={})


@contextmanager
def network_errors() -> Iterator[None]:
    """Translate what the network does to a request; the address is not repeated."""
    try:
        yield
    except requests.exceptions.InvalidURL as error:
        raise PermanentFailure(
            "the carrier's address is malformed: check VOICELINE_TWILIO_API_BASE"
        ) from error
    except (requests.RequestException, HTTPError) as error:
        raise TemporaryFailure(f"the carrier cannot be reached: {type(error).__name__}") from error


@contextmanager
def carrier_answers() -> Iterator[None]:
    """Translate what the library makes of an answer that is no record, no list and no JSON."""
    try:
        yield
    except TwilioException as error:
        if status := status_of(error):
            raise PermanentFailure(f"the carrier refused with {status}") from error
        raise TemporaryFailure("the carrier's answer cannot be read") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TemporaryFailure("the carrier's answer cannot be read") from error


def status_of(error: TwilioException) -> int:
    """Answer the HTTP status behind the library's exception, or 0 when it has none."""
    answers = [error, *error.args]
    found = [getattr(a, "status", None) or getattr(a, "status_code", None) for a in answers]
    return next((status for status in found if isinstance(status, int)), 0)


def raise_for_status(answer: requests.Response) -> None:
    """Raise for refused credentials (401, 403), for 429 and for every 5xx."""
    status = answer.status_code
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        answer.close()
        raise PermanentFailure(REFUSED)
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        answer.close()
        raise TemporaryFailure(
            f"the carrier answered {status}", retry_after=_seconds(answer.headers)
        )


def _seconds(headers: Mapping[str, str]) -> float | None:
    wait = headers.get("Retry-After", "").strip()
    return min(float(wait), LONGEST_WAIT) if wait.isascii() and wait.isdigit() else None
