"""What a worker process holds: the services, built once, and safe to inherit by a fork."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from jobs.queue import connect
from voiceline.bootstrap import Services, build
from voiceline.log import set_up_logging
from voiceline.settings import load_settings

if TYPE_CHECKING:
    from redis import Redis


@cache
def services() -> Services:
    """Answer this process's services; a work-horse inherits them, but no open connection."""
    settings = load_settings()
    set_up_logging(settings.log_level)
    built = build(settings)
    os.register_at_fork(after_in_child=lambda: built.engine.dispose(close=False))
    return built


@cache
def redis() -> Redis:
    """Answer this process's connection for offering further work."""
    return connect(services().settings)
