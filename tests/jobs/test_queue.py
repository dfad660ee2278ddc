"""What goes into Redis, and what stays there: a name and an id, and in the end nothing.

A real server and real workers, because RQ's traps are about forks and kills (rq.md section 3).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer

from jobs import worker as worker_module
from jobs.collect import NOT_YET
from jobs.queue import (
    JOBS,
    QUEUES,
    TIME_LIMITS,
    TOGETHER,
    Bell,
    connect,
    enqueue,
    open_queue,
    take_next,
)
from jobs.rounds import GO_ON_SECONDS
from voiceline import outbox
from voiceline.bootstrap import TRANSFER_SECONDS
from voiceline.demo.redis_server import start_redis
from voiceline.models import (
    ArchiveDestination,
    BulkAction,
    Delivery,
    DerivedAudio,
    Erasure,
    Transcript,
    Voicemail,
)

OF_NO_JOB = (b"rq:queues", b"rq:worker", b"rq:clean")
LEASES = dict.fromkeys(("collect", "notify", "archive"), outbox.LEASE)


@pytest.mark.parametrize("job", sorted(JOBS))
def test_every_job_can_be_called_by_its_name(job):
    module, _, name = JOBS[job][1].rpartition(".")

    assert callable(getattr(import_module(module), name))


def test_every_queue_has_a_worker_in_the_demo():
    started = Path(worker_module.__file__).parents[1] / "voiceline" / "demo" / "run.py"

    assert "for queue in QUEUES" in started.read_text()
    assert {queue for queue, _ in JOBS.values()} == set(QUEUES)


@pytest.mark.parametrize("queue", sorted(LEASES))
def test_no_job_lives_longer_than_its_lease(queue):
    assert TIME_LIMITS[queue] < LEASES[queue].total_seconds()


def test_last_row_of_a_round_has_time_for_both_transfers():
    assert TIME_LIMITS["collect"] - GO_ON_SECONDS > 2 * TRANSFER_SECONDS + sum(NOT_YET)


def test_rows_are_known_by_their_jobs():
    tables = worker_module.TABLES

    assert tables == {
        "jobs.collect.collect": Voicemail,
        "jobs.transcribe.transcribe": Transcript,
        "jobs.derive.derive": DerivedAudio,
        "jobs.notify.notify": Delivery,
        "jobs.bulk.act_in_bulk": BulkAction,
        "jobs.archive.archive": ArchiveDestination,
        "jobs.erase.erase": Erasure,
    }


def test_queue_carries_a_name_and_an_id(redis):
    row_id = uuid4()

    enqueue(redis, "collect", [row_id])

    (job,) = open_queue("collect", redis).jobs
    raw = redis.hgetall(job.key)
    assert (job.func_name, job.args) == ("jobs.collect.collect", [str(row_id)])
    assert (job.description, job.timeout) == ("collect", TIME_LIMITS["collect"])
    assert (job.result_ttl, job.failure_ttl) == (0, 0)
    assert str(row_id) not in str({k: v for k, v in raw.items() if k != b"data"})


def test_payload_is_json_and_no_pickle(redis):
    enqueue(redis, "collect", [uuid4()])

    (job,) = open_queue("collect", redis).jobs

    assert json.loads(JSONSerializer.dumps(JSONSerializer.loads(job.data)))[0] == JOBS["collect"][1]


def test_bytes_stay_bytes(redis):
    decoding = redis.connection_pool.connection_kwargs.get("decode_responses")

    assert not decoding


def test_offer_nobody_took_in_time_vanishes(redis):
    enqueue(redis, "reconcile", ttl=1)

    (job,) = open_queue("upkeep", redis).jobs

    assert 0 < redis.ttl(job.key) <= 1


@pytest.mark.parametrize("queue", ["collect", "transcribe"])
def test_no_id_is_lost_where_several_share_a_job(redis, queue):
    ids = [str(uuid4()) for _ in range(2 * TOGETHER["collect"] + 1)]

    count = enqueue(redis, queue, ids)

    jobs = open_queue(queue, redis).jobs
    assert [row_id for job in jobs for row_id in job.args] == ids
    assert count == len(jobs) == {"collect": 3, "transcribe": len(ids)}[queue]


def test_next_job_is_taken_with_all_it_left_in_redis(redis):
    first, second = uuid4(), uuid4()
    enqueue(redis, "collect", [first])
    enqueue(redis, "collect", [second])

    taken = [take_next(redis, "collect") for _ in range(3)]

    assert taken == [(str(first),), (str(second),), ()]
    assert left(redis) == set()


def test_next_job_may_have_vanished(redis):
    enqueue(redis, "collect", [uuid4()])
    enqueue(redis, "collect", [uuid4()])
    queue = open_queue("collect", redis)
    first, second = queue.jobs
    redis.delete(first.key)

    assert take_next(redis, "collect") == tuple(second.args)


@pytest.mark.parametrize("job", ["requeue_stalled", "collect"])
def test_job_leaves_nothing_behind(redis, settings, job):
    ids = [uuid4()] if job == "collect" else []
    enqueue(redis, job, ids)

    work_off(redis, JOBS[job][0])

    assert left(redis) == set()


def test_failing_job_leaves_nothing_behind(redis, settings):
    queue = open_queue("collect", redis)
    queue.enqueue("jobs.collect.collect", "no-uuid", result_ttl=0, failure_ttl=0)

    work_off(redis, "collect")
    queue.failed_job_registry.cleanup()

    assert left(redis) == set()


def test_work_horse_that_is_killed_leaves_nothing_behind(redis, settings):
    queue = open_queue("collect", redis)
    queue.enqueue("signal.raise_signal", 9, result_ttl=0, failure_ttl=0)

    work_off(redis, "collect")
    queue.failed_job_registry.cleanup()

    assert left(redis) == set()


def test_one_work_horse_goes_on_with_what_waits(redis, settings, monkeypatch):
    forks = []
    for _ in range(3):
        enqueue(redis, "collect", [uuid4(), uuid4()])
    fork = Worker.fork_work_horse
    monkeypatch.setattr(
        Worker, "fork_work_horse", lambda *given: (forks.append(1), fork(*given))[1]
    )

    work_off(redis, "collect")

    assert len(forks) == 1
    assert left(redis) == set()


def test_worker_listens_on_exactly_one_queue(redis, settings, monkeypatch):
    made = []

    class Noting(Worker):
        def work(self, *_, **__):
            made.append(self)

    monkeypatch.setattr(worker_module, "_Worker", Noting)
    worker_module.run("notify")

    (worker,) = made
    assert [queue.name for queue in worker.queues] == ["notify"]
    assert worker.serializer is JSONSerializer
    assert worker.maintenance_interval == worker_module.MAINTENANCE_SECONDS
    assert worker.dequeue_timeout <= 60
    assert worker.log_job_description is False


def test_bell_is_heard(redis):
    row_id, bell = uuid4(), Bell(redis, "collect")

    bell.ring(row_id)

    assert await_jobs(redis) == [(str(row_id),)]


def test_bell_keeps_nobody_waiting_for_a_dead_redis(settings):
    deaf = replace_redis(settings, "unix:///nowhere/redis.socket")
    bell = Bell(connect(deaf), "collect")

    bell.ring(uuid4())
    bell.ring(uuid4())

    assert threading.current_thread().is_alive()
    with pytest.raises(RedisError):
        connect(deaf).ping()


def test_bell_rings_again_after_redis_came_back(redis, server, settings, tmp_path):
    bell = Bell(connect(settings), "collect")
    server.kill()
    server.wait()
    bell.ring(uuid4())
    again = start_redis(settings, tmp_path / "redis.log")
    try:
        row_id = uuid4()
        until = time.monotonic() + 20
        while (str(row_id),) not in jobs_of(redis) and time.monotonic() < until:
            bell.ring(row_id)
            time.sleep(0.2)
        found = jobs_of(redis)
    finally:
        again.kill()
        again.wait()

    assert (str(row_id),) in found


def test_warm_shutdown_ends_the_worker_after_its_job(redis, settings):
    process = subprocess.Popen(
        [sys.executable, "-m", "voiceline", "worker", "notify"], env=dict(os.environ)
    )
    until = time.monotonic() + 60
    # A worker registers before it listens to signals, and is idle after.
    while [one.get_state() for one in Worker.all(connection=redis)] != ["idle"]:
        assert time.monotonic() < until
        time.sleep(0.1)

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert Worker.all(connection=redis) == []


def work_off(redis, queue):
    """Let a worker of ours do what is in the queue, each job in a work-horse."""
    Worker(
        [open_queue(queue, redis)],
        connection=redis,
        serializer=JSONSerializer,
        work_horse_killed_handler=worker_module._bury,
        log_job_description=False,
    ).work(burst=True, logging_level="CRITICAL")


def left(redis):
    """The keys that tell of jobs; RQ's lists of queues and workers tell of none."""
    return {key.decode() for key in redis.keys("*") if not key.startswith(OF_NO_JOB)}


def jobs_of(redis):
    try:
        return [tuple(job.args) for job in open_queue("collect", redis).jobs]
    except RedisError:
        return []


def await_jobs(redis):
    until = time.monotonic() + 10
    while not (found := jobs_of(redis)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def replace_redis(settings, url):
    return settings.model_copy(update={"redis_url": type(settings.redis_url)(url)})


@pytest.fixture
def server(settings, tmp_path):
    process = start_redis(settings, tmp_path / "redis.log")
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def redis(server, settings):
    connection = connect(settings)
    yield connection
    connection.close()
