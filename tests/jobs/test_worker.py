"""What a worker does for the row of a work-horse that was killed."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from rq import Worker

from jobs import worker
from jobs.queue import JOBS
from jobs.rounds import one_by_one
from voiceline import outbox


def test_row_of_a_killed_work_horse_is_let_go(desk):
    row = desk.voicemail(claim=uuid4(), due_at=datetime.now(UTC) + outbox.LEASE, attempts=1)

    worker._bury(job("collect", str(row.id)), 0, 9, None)

    assert desk.now(row).claim is None


def test_others_of_its_group_are_offered_again_at_once(desk):
    lost, held = desk.voicemail(claim=uuid4()), desk.voicemail(claim=uuid4())
    round_ = one_by_one("collect", (str(held.id),))
    next(round_)

    worker._bury(job("collect", str(lost.id), str(held.id)), 0, 9, None)

    assert (desk.now(lost).claim, desk.now(held).claim) == (lost.claim, None)
    assert desk.offered == [("collect", [str(lost.id)])]


@pytest.mark.parametrize("name", ["expire", "reconcile", "requeue_stalled"])
def test_upkeep_has_no_row_to_let_go(desk, name):
    row = desk.voicemail(claim=uuid4())

    worker._bury(job(name), 0, 9, None)

    assert desk.now(row).claim == row.claim


def test_what_another_worker_left_torn_ends_no_worker(monkeypatch):
    def fail(_):
        raise ValueError("Execution 95e9 not found in Redis")

    monkeypatch.setattr(Worker, "clean_registries", fail)
    let_go = []
    torn = object.__new__(worker._Worker)
    torn.queues = [SimpleNamespace(release_maintenance_lock=lambda: let_go.append("collect"))]

    torn.clean_registries()

    assert let_go == ["collect"]


def job(name, *args):
    return SimpleNamespace(func_name=JOBS[name][1], origin=JOBS[name][0], args=list(args))
