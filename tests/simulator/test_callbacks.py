from __future__ import annotations

import threading

import pytest

from voiceline.simulator.callbacks import MOST_WORKERS, CallbackQueue


def test_earlier_moments_come_first(queue):
    done = []
    for name, delay in (("late", 0.1), ("early", 0.0)):
        queue.put(lambda name=name: done.append(name), delay=delay)

    queue.drain(10)

    assert done == ["early", "late"]


def test_jobs_run_beside_each_other(queue):
    together = threading.Barrier(MOST_WORKERS, timeout=20)
    for _ in range(MOST_WORKERS):
        queue.put(together.wait)

    queue.drain(20)

    assert not together.broken


def test_draining_waits_only_for_what_is_open(queue):
    queue.drain(0)

    queue.put(lambda: None, delay=60)

    with pytest.raises(TimeoutError, match="1 callbacks"):
        queue.drain(0)


def test_what_is_not_due_is_forgotten_on_closing(queue):
    done = []
    queue.put(lambda: done.append("ran"), delay=60)

    queue.close()
    queue.put(lambda: done.append("ran"))

    queue.drain(0)
    assert done == []


@pytest.fixture
def queue():
    made = CallbackQueue()
    yield made
    made.close()
