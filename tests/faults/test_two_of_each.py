"""Two of everything, the same job twice, and processes that are told to end or that hang."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.report import note
from faults.signals import stopped
from rq import Worker

from jobs.queue import enqueue, open_queue
from jobs.schedule import EVERY_SECONDS
from voiceline.simulator import Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rq import Queue

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(480)]

CALLS = 6
PERIODS = 2.2


def test_duplicate_jobs_have_one_effect(house: House):
    second = house.crew.start("collect-2", "worker", "collect")
    queue = open_queue("collect", house.redis())
    wait_for(lambda: _states(queue) == ["idle", "idle"], "two idle workers")
    with stopped(house.member("collect")), stopped(second):
        house.call(CALLS)
        ids = [row.id for row in house.voicemails()]
        for _ in range(5):
            enqueue(house.redis(), "collect", ids)

    note("each job six times, two workers", house.assert_settles())
    assert house.crew.retire(second) == 0


def _states(queue: Queue) -> list[str]:
    """Answer the workers' states; one registers before it listens to signals, and is idle after."""
    return [worker.get_state() for worker in Worker.all(queue=queue)]


def test_warm_shutdown_ends_the_job_first(house: House):
    collect = house.member("collect")
    wait_for(lambda: not house.backlog("collect") and not collect.children, "an idle worker")
    house.carrier.set_faults(Faults(media_missing_seconds=1.0))
    house.call()
    wait_for(lambda: collect.children, "a job under way")

    status = house.crew.retire(collect)
    stored = house.voicemails()
    house.crew.members.remove(collect)
    house.crew.start("collect", "worker", "collect")

    assert status == 0
    assert all(row.stored_at is not None for row in stored)
    note("worker told to end during a job", house.assert_settles())


def test_second_scheduler_offers_nothing_more(house: House):
    second = house.crew.start("scheduler-2", "scheduler")
    seconds = PERIODS * EVERY_SECONDS["requeue_stalled"]
    most = sum(1 + int(seconds / every) for every in EVERY_SECONDS.values())
    time.sleep(3)

    with stopped(house.member("upkeep")):
        time.sleep(seconds)
        offered = house.backlog("upkeep")

    assert 0 < offered <= most
    assert house.crew.retire(second, signal.SIGTERM) == 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("two")) as opened:
        opened.call()
        opened.assert_settles()
        yield opened
