"""One HTTP request with the carrier's time limits: connect, between packets, and in all."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .errors import SimulatorError

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from .overrides import Overrides

PIECE = 65536


class WireError(SimulatorError):
    """No whole answer: `reason` is ct (no connection), rt (too slow) or broken (protocol)."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class WireAnswer:
    """An answer as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def exchange(
    method: str,
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    limits: Overrides,
    deadline: float,
    most_bytes: int,
) -> WireAnswer:
    """Send one request and read its answer, at most `most_bytes` + 1 of it.

    `deadline` is a `time.monotonic()` moment. Raises WireError.
    """
    connection = _connect(url, min(limits.connect, _left(deadline)))
    wire: socket.socket = connection.sock
    try:
        wire.settimeout(min(limits.read, _left(deadline)))
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body or None, headers=dict(headers))
        with connection.getresponse() as response:
            received = _read(response, wire, limits, deadline, most_bytes)
        names = {name.lower(): value for name, value in response.getheaders()}
        return WireAnswer(response.status, names, received)
    except TimeoutError as slow:
        raise WireError("rt", "the answer took too long") from slow
    except (OSError, HTTPException) as broken:
        raise WireError("broken", f"broken answer ({type(broken).__name__})") from broken
    finally:
        connection.close()


def _connect(url: str, seconds: float) -> HTTPConnection:
    parts = urlsplit(url)
    try:
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection: HTTPConnection = HTTPSConnection(
                parts.hostname or "", parts.port, timeout=seconds, context=context
            )
        else:
            connection = HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        connection.connect()
    except (OSError, ValueError) as refused:
        raise WireError("ct", f"no connection ({type(refused).__name__})") from refused
    return connection


def _read(
    response: HTTPResponse, wire: socket.socket, limits: Overrides, deadline: float, most: int
) -> bytes:
    if response.headers.get("Transfer-Encoding", "").lower() == "chunked":
        raise WireError("broken", "chunked answers are not understood: send Content-Length")
    pieces = bytearray()
    while len(pieces) <= most:
        wire.settimeout(min(limits.read, _left(deadline)))
        piece = response.read1(min(PIECE, most + 1 - len(pieces)))
        if not piece:
            if response.length:
                raise WireError("broken", "the answer is shorter than its Content-Length")
            break
        pieces += piece
    return bytes(pieces)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise WireError("rt", "no time left")
    return left
