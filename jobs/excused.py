"""The frame of every periodic job: what a neighbour interrupts is left to the next period."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from voiceline.errors import VoicelineError

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()


@contextmanager
def excused(job: str) -> Iterator[None]:
    """End the job in good order when a neighbour fails; RQ would print the neighbour's words."""
    try:
        yield
    except (VoicelineError, SQLAlchemyError, RedisError) as error:
        log.warning("upkeep.interrupted", job=job, error=error)
