"""The load: prepared requests over kept-alive connections, from a process of its own.

One loop over epoll that sends bytes and looks at the status, so that it costs the machine little
beside the server it measures. A closed loop: each connection waits for its answer.
"""

from __future__ import annotations

import multiprocessing
import select
import socket
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WAIT_SECONDS = 10
"""A server that answers nobody for so long is broken."""


@dataclass(frozen=True)
class Answers:
    """What came back within the measured time; `warm` answers came before it."""

    good: int
    bad: int
    warm: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds


class Load:
    """A process that sends requests; `prepare` and `drive` run there."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=spawn)

    def prepare(self, make: Callable[..., Sequence[bytes]], *arguments: object) -> None:
        """Make the next requests there: `make` is a module's function."""
        self._pool.submit(_prepare, make, arguments).result()

    def drive(
        self, port: int, *, connections: int, warm: float, seconds: float, again: bool
    ) -> Answers:
        """Send the prepared requests: `again` and again, or each once and then no more."""
        return self._pool.submit(_drive, port, connections, warm, seconds, again).result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown()


_prepared: list[bytes] = []


def _prepare(make: Callable[..., Sequence[bytes]], arguments: tuple[object, ...]) -> None:
    _prepared[:] = make(*arguments)


def _drive(port: int, connections: int, warm: float, seconds: float, again: bool) -> Answers:  # noqa: FBT001 - a pool's submit takes positions
    """Warm up, measure, and stop at the end of the time or of the requests."""
    requests: Iterator[bytes] = cycle(_prepared) if again else iter(_prepared)
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    poll = select.epoll()
    waiting: dict[int, tuple[socket.socket, float]] = {}
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(each.fileno(), select.EPOLLIN)
        each.sendall(next(requests))
        waiting[each.fileno()] = (each, time.perf_counter())
    begin = time.perf_counter() + warm
    end, good, bad, warmed = begin + seconds, 0, 0, 0
    now, times = time.perf_counter(), []
    while waiting and (ready := poll.poll(WAIT_SECONDS)):
        for number, _ in ready:
            connection, sent = waiting.pop(number)
            status = _read_status(connection)
            now = time.perf_counter()
            if begin <= now < end:
                times.append(now - sent)
                good, bad = (good + 1, bad) if status == b"2" else (good, bad + 1)
            elif status == b"2":
                warmed += 1
            if now < end and (request := next(requests, None)):
                connection.sendall(request)
                waiting[number] = (connection, time.perf_counter())
    for each in sockets:
        each.close()
    bad += len(waiting)
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    measured = min(now, end) - begin
    return Answers(good, bad, warmed, measured, cuts[49] * 1e3, cuts[98] * 1e3)


def _read_status(connection: socket.socket) -> bytes:
    """Read one whole answer, and answer the first digit of its status; empty when it broke off."""
    data = connection.recv(65536)
    while (head := data.find(b"\r\n\r\n")) < 0:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    missing = head + 4 + _length(data[:head].lower()) - len(data)
    while missing > 0:
        more = connection.recv(65536)
        if not more:
            return b""
        missing -= len(more)
    return data[9:10]


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
