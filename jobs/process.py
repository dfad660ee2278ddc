"""What a worker process holds: the services, built once, and safe to inherit by a fork."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

from jobs.queue import connect, enqueue
from voiceline.bootstrap import Services, build
from voiceline.log import set_up_logging
from voiceline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from redis import Redis

log = structlog.get_logger()


@cache
def services() -> Services:
    """Answer this process's services; a work-horse inherits them, but no open connection."""
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_dir)
    built = build(settings)
    os.register_at_fork(after_in_child=lambda: built.engine.dispose(close=False))
    return built


@cache
def redis() -> Redis:
    """Answer this process's connection for offering further work."""
    return connect(services().settings)


def offer(job: str, ids: Iterable[UUID | str]) -> None:
    """Wake the queue for these rows; one that is away is made up for by the sweeper."""
    owed = list(ids)
    try:
        if owed:
            enqueue(redis(), job, owed)
    except RedisError as error:
        log.warning("bell.unheard", job=job, count=len(owed), error=error)
