"""A worker process: one queue, a fork for each job, nothing of a job in its own logs."""

from __future__ import annotations

import structlog
from rq import Worker
from rq.serializers import JSONSerializer

from jobs.process import services
from jobs.queue import connect, open_queue

WORKER_TTL = 75
"""Seconds; also how long an idle worker waits before it looks after abandoned jobs."""

MAINTENANCE_SECONDS = 60

log = structlog.get_logger()


def run(queue: str) -> None:
    """Work off one queue until told to stop; a second signal does not wait for the job."""
    built = services()
    _warm_up(queue)
    connection = connect(built.settings)
    worker = Worker(
        [open_queue(queue, connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    log.info("worker.started", queue=queue)
    worker.work(logging_level="ERROR")


def _warm_up(queue: str) -> None:
    """Import before the first fork what every job would import, and load the heavy engine once."""
    import jobs.collect  # noqa: PLC0415 - after the settings were read
    import jobs.notify  # noqa: PLC0415
    import jobs.transcribe  # noqa: PLC0415
    import jobs.upkeep  # noqa: F401, PLC0415

    engine = services().transcriber
    if queue == "transcribe" and engine is not None:
        engine.warm_up()
