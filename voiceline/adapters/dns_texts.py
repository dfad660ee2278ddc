"""TEXT records of a name, asked of one resolver over UDP, and over TCP where they are long.

RFC 1035: a query of one question, an answer of which the texts are read and nothing else. A
resolver is trusted as the network it stands in; whoever needs more runs one that validates.
"""

from __future__ import annotations

import secrets
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.errors import TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 3
TRIES = 2
TEXT, INTERNET = 16, 1
RECURSE = 0x0100
ANSWER, TRUNCATED = 0x8000, 0x0200
NO_ERROR, NO_SUCH_NAME = 0, 3
PORT = 53
LARGEST = 65_535
POINTER = 0xC0


class DnsTexts:
    """Asks one resolver, the configured one or the system's first."""

    def __init__(self, server: str) -> None:
        host, _, port = (server or _system_server()).rpartition(":")
        bare = not port.isdigit() or (":" in host.strip("[]") and not host.startswith("["))
        self._address = (
            (server or _system_server(), PORT)
            if not host or bare
            else (
                host.strip("[]"),
                int(port),
            )
        )

    def texts(self, name: str) -> list[str]:
        """Answer the texts at the name, none where there is no such name.

        Raises TemporaryFailure where nobody answers.
        """
        query = _query(name)
        for _ in range(TRIES):
            with suppress(OSError, ValueError, IndexError, struct.error):
                answer = self._ask_udp(query)
                if _flags(answer) & TRUNCATED:
                    answer = self._ask_tcp(query)
                return _read(query, answer)
        raise TemporaryFailure("the DNS does not answer")

    def _ask_udp(self, query: bytes) -> bytes:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.settimeout(SECONDS)
            asked.connect(self._address)  # answers of anybody else are not heard
            asked.send(query)
            return asked.recv(LARGEST)

    def _ask_tcp(self, query: bytes) -> bytes:
        with socket.create_connection(self._address, SECONDS) as asked:
            asked.settimeout(SECONDS)
            asked.sendall(struct.pack("!H", len(query)) + query)
            stream = asked.makefile("rb")
            (length,) = struct.unpack("!H", stream.read(2))
            return stream.read(length)


def _system_server() -> str:
    with suppress(OSError):
        for line in Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines():
            if line.startswith("nameserver"):
                return line.split()[1].partition("%")[0]
    return "127.0.0.1"


def _query(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".")]
    written = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    head = struct.pack("!HHHHHH", secrets.randbits(16), RECURSE, 1, 0, 0, 0)
    return head + written + struct.pack("!HH", TEXT, INTERNET)


def _flags(answer: bytes) -> int:
    return int(struct.unpack_from("!H", answer, 2)[0])


def _read(query: bytes, answer: bytes) -> list[str]:
    number, flags, questions, count = struct.unpack_from("!HHHH", answer)
    if number != struct.unpack_from("!H", query)[0] or not flags & ANSWER or questions != 1:
        raise ValueError("the answer is to another question")
    if flags & 0xF not in {NO_ERROR, NO_SUCH_NAME}:
        raise ValueError("the server failed")
    if answer[12 : len(query)].lower() != query[12:].lower():
        raise ValueError("the answer is to another question")
    return list(_texts(answer, len(query), count))


def _texts(answer: bytes, at: int, count: int) -> Iterator[str]:
    for _ in range(count):
        at = _behind_name(answer, at)
        kind, group, _, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if (kind, group) == (TEXT, INTERNET):
            yield _joined(answer[at : at + length])
        at += length


def _behind_name(answer: bytes, at: int) -> int:
    while answer[at]:
        if answer[at] & POINTER == POINTER:
            return at + 2
        at += 1 + answer[at]
    return at + 1


def _joined(data: bytes) -> str:
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts).decode("utf-8", "replace")
