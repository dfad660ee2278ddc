"""A worker process: one queue, a fork for each job, nothing of a job in its own logs."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import structlog
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from jobs.claimed import note_crash
from jobs.process import offer, services
from jobs.queue import JOBS, connect, open_queue
from jobs.rounds import in_hand
from voiceline.bootstrap import import_ahead
from voiceline.models import (
    ArchiveDestination,
    BulkAction,
    Delivery,
    DerivedAudio,
    Erasure,
    Transcript,
    Voicemail,
)

if TYPE_CHECKING:
    from rq.job import Job

    from voiceline.outbox import AnyOwing

WORKER_TTL = 75
"""Seconds; also how long an idle worker waits before it looks after abandoned jobs."""

MAINTENANCE_SECONDS = 60

TABLES: dict[str, type[AnyOwing]] = {
    JOBS["collect"][1]: Voicemail,
    JOBS["transcribe"][1]: Transcript,
    JOBS["derive"][1]: DerivedAudio,
    JOBS["notify"][1]: Delivery,
    JOBS["act_in_bulk"][1]: BulkAction,
    JOBS["archive"][1]: ArchiveDestination,
    JOBS["erase"][1]: Erasure,
}
"""The rows that jobs work off, by the job's function."""

log = structlog.get_logger()


class _Worker(Worker):
    """RQ's worker, which does not die of what another one left half written."""

    def clean_registries(self) -> None:
        """Look after abandoned jobs; what RQ cannot read of one is no reason to end.

        An execution's key expires before the lists that name it, and RQ raises ValueError for that.
        What such a job was about is owed by its row and offered again (`upkeep.requeue_stalled`).
        """
        try:
            super().clean_registries()  # type: ignore[no-untyped-call]
        except ValueError as error:
            log.warning("queue.not_tidied", error=error)
            for queue in self.queues:
                queue.release_maintenance_lock()  # type: ignore[no-untyped-call]


def run(queue: str) -> None:
    """Work off one queue until told to stop; a second signal does not wait for the job."""
    built = services()
    _warm_up(queue)
    # what stays is walked by no fork's look for garbage: a transaction held its locks meanwhile
    gc.collect()
    gc.freeze()
    connection = connect(built.settings, answer_seconds=None)
    worker = _Worker(
        [open_queue(queue, connection)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
        work_horse_killed_handler=_bury,
    )
    log.info("worker.started", queue=queue)
    worker.work(logging_level="ERROR")


def _bury(job: Job, _pid: int, _status: int, _usage: object) -> None:
    """Let go of the row a dead work-horse held, without waiting for its lease to run out."""
    table = TABLES.get(job.func_name or "")
    if table is None:
        return
    crashed = in_hand() or job.args[0]
    note_crash(services(), table, crashed)
    if others := [row_id for row_id in job.args if row_id != crashed]:
        offer(job.origin, others)


def _warm_up(queue: str) -> None:
    """Import before the first fork what every job would import, and load the heavy engine once.

    Each job runs in a fork of its own: what this process has not done, every single job does. The
    carrier's library and the tables' mapping alone were two thirds of a job's processor time.
    """
    import jobs.archive  # noqa: PLC0415 - after the settings were read
    import jobs.collect  # noqa: PLC0415
    import jobs.expire  # noqa: PLC0415
    import jobs.notify  # noqa: PLC0415
    import jobs.transcribe  # noqa: PLC0415
    import jobs.upkeep  # noqa: PLC0415

    import_ahead()
    configure_mappers()
    if queue != "transcribe":
        return
    import jobs.derive  # noqa: F401, PLC0415 - its library is large, and no other queue's

    if (engine := services().transcriber) is not None:
        engine.warm_up()
