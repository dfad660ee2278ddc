"""The queues, and the one way to offer work: a job's name and an id, nothing else.

Redis is only a wake-up. RQ's own retries, dedupe windows and abandoned-job recovery are not
relied on (rq.md section 3): rows say what is owed, claims decide who does it, and the sweeper
offers again what was lost. So a job leaves no trace in Redis when it ends, well or not.
"""

from __future__ import annotations

import queue as std_queue
import threading
import time
from typing import TYPE_CHECKING

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from voiceline.settings import Settings

QUEUES = ("collect", "transcribe", "notify", "archive", "upkeep")
"""One worker process listens on exactly one of these: with two, a crash can lose a job."""

TIME_LIMITS = {"collect": 55, "transcribe": 600, "notify": 50, "archive": 55, "upkeep": 300}
"""Seconds a job of the queue may take; RQ ends it then."""

TOGETHER = {"collect": 20}
"""Ids in one job, where a row takes less time than the fork that works on it; elsewhere one."""

JOBS = {
    "collect": ("collect", "jobs.collect.collect"),
    "transcribe": ("transcribe", "jobs.transcribe.transcribe"),
    "derive": ("transcribe", "jobs.derive.derive"),
    "notify": ("notify", "jobs.notify.notify"),
    "act_in_bulk": ("notify", "jobs.bulk.act_in_bulk"),
    "archive": ("archive", "jobs.archive.archive"),
    "requeue_stalled": ("upkeep", "jobs.upkeep.requeue_stalled"),
    "reconcile": ("upkeep", "jobs.upkeep.reconcile"),
    "expire": ("upkeep", "jobs.expire.expire"),
    "erase": ("upkeep", "jobs.erase.erase"),
    "hold_back": ("upkeep", "jobs.holding_back.hold_back"),
    "retag": ("upkeep", "jobs.upkeep.retag"),
    "replay_spool": ("upkeep", "jobs.upkeep.replay_spool"),
    "seal": ("upkeep", "jobs.sealing.seal"),
    "forget": ("upkeep", "jobs.forgetting.forget"),
    "sweep_attachments": ("upkeep", "jobs.sweeping.sweep_attachments"),
    "check_domains": ("upkeep", "jobs.domains.check_domains"),
    "alert_staff": ("upkeep", "jobs.alerting.alert_staff"),
    "look_at_numbers": ("upkeep", "jobs.numbers.look_at_numbers"),
    "watch_line": ("upkeep", "jobs.canary.watch_line"),
    "compare_store": ("upkeep", "jobs.strays.compare_store"),
    "sign_heads": ("upkeep", "jobs.signing.sign_heads"),
}
"""Every job: its queue and its function."""

CONNECT_SECONDS = 2
ANSWER_SECONDS = 5.0
BATCH = 500
GATHER_SECONDS = 0.03
"""How long the bell waits for more to offer: offered together, each costs a quarter."""

log = structlog.get_logger()


def connect(settings: Settings, *, answer_seconds: float | None = ANSWER_SECONDS) -> Redis:
    """Answer a connection; bytes stay bytes, because RQ needs them so.

    A worker waits for work without limit (`answer_seconds=None`); whoever offers work does not
    wait for a Redis that hangs.
    """
    return Redis.from_url(
        settings.redis,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=answer_seconds,
        health_check_interval=30,
    )


def open_queue(name: str, connection: Redis) -> Queue:
    """Answer one of the queues, with the serializer that can only carry plain values."""
    return Queue(
        name,
        connection=connection,
        serializer=JSONSerializer,
        default_timeout=TIME_LIMITS[name],
    )


def enqueue(
    connection: Redis, job: str, ids: Iterable[UUID | str] = (), *, ttl: int | None = None
) -> int:
    """Offer the job for the ids, several at once, or without any; answer how many jobs these are.

    `ttl`: seconds after which an offer nobody took is worthless and vanishes.
    """
    name, function = JOBS[job]
    queue = open_queue(name, connection)
    texts = [str(row_id) for row_id in ids]
    size = TOGETHER.get(name, 1)
    arguments = [tuple(texts[at : at + size]) for at in range(0, len(texts), size)] or [()]
    prepared = [
        Queue.prepare_data(
            function,
            args=args,
            timeout=TIME_LIMITS[name],
            result_ttl=0,
            failure_ttl=0,
            ttl=ttl,
            description=job,
        )
        for args in arguments
    ]
    with connection.pipeline() as pipe:
        queue.enqueue_many(prepared, pipeline=pipe)
        pipe.execute()
    return len(prepared)


def take_next(connection: Redis, name: str) -> tuple[str, ...]:
    """Take the queue's next job away from it; answer its ids, or nothing when none waits.

    Whoever dies with them loses nothing but the wake-up.
    """
    queue = open_queue(name, connection)
    # Not `pop_job_id`, which raises where nothing waits.
    while isinstance(job_id := connection.lpop(queue.key), bytes):
        if (job := queue.fetch_job(job_id.decode())) is not None:
            job.delete(remove_from_queue=False)
            return tuple(job.args)
    return ()


class Bell:
    """Offers work from a thread, so that no caller waits for Redis, and forgets what it cannot.

    What it forgets is not lost: the row owes the work and the sweeper offers it again.
    """

    def __init__(self, connection: Redis, job: str) -> None:
        self._connection = connection
        self._job = job
        self._waiting: std_queue.SimpleQueue[UUID] = std_queue.SimpleQueue()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self, row_id: UUID) -> None:
        """Offer the row's work soon; returns at once, whatever state Redis is in."""
        self._waiting.put(row_id)
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._started:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            ids = [self._waiting.get()]
            time.sleep(GATHER_SECONDS)
            while not self._waiting.empty() and len(ids) < BATCH:
                ids.append(self._waiting.get())
            try:
                enqueue(self._connection, self._job, ids)
            except RedisError as error:
                log.warning("bell.unheard", job=self._job, count=len(ids), error=error)
