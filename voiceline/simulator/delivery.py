"""Requests to the application: signed, retried as its URL asks, redirects followed without body."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlencode, urljoin

from .errors import DeliveryError
from .overrides import split_overrides
from .wire import WireAnswer, WireError, exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .overrides import Overrides
    from .signature import Signer

RETRIEVAL_FAILED, NO_CONNECTION, PROTOCOL_BROKEN, TOO_MANY_REDIRECTS = 11200, 11205, 11206, 11215
MOST_REDIRECTS = 10
# The most bytes of a body that are read; TwiML has its own, smaller limit.
MOST_BYTES = 32 * 1024 * 1024
CODES = {"ct": NO_CONNECTION, "rt": NO_CONNECTION, "broken": PROTOCOL_BROKEN}


@dataclass(frozen=True)
class Attempt:
    """One try at one URL."""

    number: int
    url: str
    status: int | None
    milliseconds: int
    problem: str = ""


@dataclass(frozen=True)
class Order:
    """A request that the carrier wants delivered."""

    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = MOST_BYTES


@dataclass(frozen=True)
class Answer:
    """What the application said, and at which URL (after redirects, without fragment)."""

    url: str
    status: int
    content_type: str
    body: bytes


def deliver(
    order: Order, signer: Signer, *, on_attempt: Callable[[Attempt], None] | None = None
) -> Answer:
    """Deliver the order and answer what came back with a 2xx; raises DeliveryError otherwise."""
    plain, limits = split_overrides(order.url)
    trip = _Trip(limits, time.monotonic() + limits.total, signer, on_attempt or _ignore)
    order = replace(order, method=order.method.upper(), url=plain)
    for _ in range(MOST_REDIRECTS + 1):
        came = _deliver_once(order, trip)
        location = came.headers.get("location")
        if came.status not in range(300, 400) or not location:
            return _check(order.url, came)
        # A redirect is followed with GET, and what was posted is not sent again.
        url = urldefrag(urljoin(order.url, location)).url
        method = "HEAD" if order.method == "HEAD" else "GET"
        order = replace(order, method=method, url=url, params={})
    raise DeliveryError(TOO_MANY_REDIRECTS, "too many redirects", url=order.url)


@dataclass(frozen=True)
class _Trip:
    limits: Overrides
    deadline: float
    signer: Signer
    on_attempt: Callable[[Attempt], None]


def _deliver_once(order: Order, trip: _Trip) -> WireAnswer:
    """Answer whatever the URL answers, after the retries that its fragment asks for."""
    for number in range(1, trip.limits.retries + 2):
        began = time.monotonic()
        came = failed = None
        try:
            came = _send(order, trip)
        except WireError as error:
            failed = error
        spent = round((time.monotonic() - began) * 1000)
        status = came.status if came else None
        trip.on_attempt(Attempt(number, order.url, status, spent, str(failed or "")))
        reason = failed.reason if failed else f"{status}"[:1] + "xx"
        last = number > trip.limits.retries or time.monotonic() >= trip.deadline
        if last or not trip.limits.retry_on(reason):
            break
    if came is None:
        raise DeliveryError(CODES[reason], str(failed), url=order.url)
    return came


def _send(order: Order, trip: _Trip) -> WireAnswer:
    url, headers, body = _prepare(order, trip.signer)
    return exchange(
        order.method,
        url,
        body=body,
        headers=headers,
        limits=trip.limits,
        deadline=trip.deadline,
        most_bytes=order.most_bytes,
    )


def _prepare(order: Order, signer: Signer) -> tuple[str, dict[str, str], bytes]:
    pairs = list(order.params.items())
    headers = {
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "Connection": "close",
        # Tells attempts apart, so every attempt has its own.
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
    }
    if order.method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return order.url, headers | signer.headers(order.url, pairs), urlencode(pairs).encode()
    joint = "&" if "?" in order.url else "?"
    url = order.url + (joint + urlencode(pairs) if pairs else "")
    return url, headers | signer.headers(url, ()), b""


def _check(url: str, came: WireAnswer) -> Answer:
    if came.status not in range(200, 300):
        raise DeliveryError(RETRIEVAL_FAILED, f"answered with status {came.status}", url=url)
    return Answer(url, came.status, came.headers.get("content-type", ""), came.body)


def _ignore(_: Attempt) -> None:
    """Have nobody count the attempts."""
