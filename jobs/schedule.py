"""The scheduler: offers periodic work. Two may run: the database says whose turn it is."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from jobs.claimed import now
from jobs.process import redis, services
from jobs.queue import enqueue
from voiceline.periods import give_back_turn, take_turn

if TYPE_CHECKING:
    from datetime import datetime

EVERY_SECONDS = {
    "requeue_stalled": 10,
    "replay_spool": 10,
    "watch_line": 15,
    "retag": 30,
    "expire": 60,
    "seal": 60,
    "alert_staff": 60,
    "look_at_numbers": 60,
    "reconcile": 600,
    "hold_back": 600,
    "forget": 600,
    "sweep_attachments": 600,
    "sign_heads": 600,
    "compare_store": 60,
    "check_domains": 600,
}
"""Each periodic job and its period. An offer nobody took within a period vanishes: the next one
would do the same work."""

TICK_SECONDS = 1.0

log = structlog.get_logger()


def run() -> None:
    """Offer periodic work until the process is told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(TICK_SECONDS):
        tick()


def tick() -> None:
    """Offer what is due; what cannot be offered now is due again at the next tick."""
    for job, seconds in EVERY_SECONDS.items():
        at = now()
        try:
            with services().sessions.begin() as session:
                mine = take_turn(session, job, every=timedelta(seconds=seconds), at=at)
            if mine:
                _offer(job, seconds, at)
        except (SQLAlchemyError, RedisError) as error:
            log.warning("schedule.skipped", job=job, error=error)


def _offer(job: str, seconds: int, at: datetime) -> None:
    try:
        enqueue(redis(), job, ttl=seconds)
    except RedisError:
        with services().sessions.begin() as session:
            give_back_turn(session, job, at=at)
        raise
