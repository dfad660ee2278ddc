"""One fork, many rows: a work-horse goes on with the jobs that wait behind its own.

A fork costs several times what collecting a voicemail does: it finds no statement compiled and no
connection open. So the busier the line, the more rows share one.
"""

from __future__ import annotations

import time
from collections import deque
from mmap import mmap
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from rq import get_current_job

from jobs.process import offer, redis
from jobs.queue import take_next

if TYPE_CHECKING:
    from collections.abc import Iterator

GO_ON_SECONDS = 5
"""How long a work-horse takes further rows; the last one still has the lease's time before it."""

log = structlog.get_logger()

_held = mmap(-1, 16)
"""The id of the row in hand, in memory that a worker shares with its work-horse: who is killed
cannot say any more what it held."""


def one_by_one(job: str, ids: tuple[str, ...]) -> Iterator[str]:
    """Yield the ids, then those of jobs that wait; offer again what there is no time left for."""
    waiting, stop = deque(ids), time.monotonic() + GO_ON_SECONDS
    while waiting:
        row_id = waiting.popleft()
        _held[:] = UUID(row_id).bytes
        yield row_id
        _held[:] = bytes(16)
        if time.monotonic() > stop:
            break
        if not waiting:
            waiting.extend(_further(job))
    if waiting:
        offer(job, waiting)


def in_hand() -> str | None:
    """Answer the row that the work-horse held when it died, once."""
    held, _held[:] = _held[:], bytes(16)
    return str(UUID(bytes=held)) if any(held) else None


def _further(job: str) -> tuple[str, ...]:
    """Take the next job of this queue; outside of a worker, there is none."""
    if get_current_job() is None:
        return ()
    try:
        return take_next(redis(), job)
    except RedisError as error:
        log.warning("queue.unheard", job=job, error=error)
        return ()
