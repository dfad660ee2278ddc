"""Which rows a work-horse takes, and what is told of it when it dies."""

from __future__ import annotations

from uuid import uuid4

import pytest
from redis.exceptions import RedisError

from jobs import rounds


def test_rows_come_one_by_one_and_none_is_offered_again(desk):
    ids = (str(uuid4()), str(uuid4()))

    taken = list(rounds.one_by_one("collect", ids))

    assert taken == [*ids]
    assert desk.offered == []


def test_rows_of_waiting_jobs_follow(desk, waiting):
    first, second, third = (str(uuid4()) for _ in range(3))
    waiting.append((second, third))

    taken = list(rounds.one_by_one("collect", (first,)))

    assert taken == [first, second, third]


def test_no_time_left_leaves_the_rest_to_the_queue(desk, waiting, monkeypatch):
    first, *others = (str(uuid4()) for _ in range(3))
    waiting.append((str(uuid4()),))
    monkeypatch.setattr(rounds, "GO_ON_SECONDS", -1)

    taken = list(rounds.one_by_one("collect", (first, *others)))

    assert taken == [first]
    assert desk.offered == [("collect", others)]
    assert len(waiting) == 1


def test_queue_that_went_away_ends_the_round(desk, monkeypatch):
    def fail(*_):
        raise RedisError

    monkeypatch.setattr(rounds, "get_current_job", object)
    monkeypatch.setattr(rounds, "redis", lambda: None)
    monkeypatch.setattr(rounds, "take_next", fail)

    taken = list(rounds.one_by_one("collect", ("7" * 32,)))

    assert len(taken) == 1


def test_row_in_hand_is_known_until_it_is_let_go(desk):
    first, second = str(uuid4()), str(uuid4())
    taking = rounds.one_by_one("collect", (first, second))

    next(taking), next(taking)
    held = rounds.in_hand(), rounds.in_hand()

    assert held == (second, None)


def test_nothing_is_in_hand_after_a_round(desk):
    list(rounds.one_by_one("collect", (str(uuid4()),)))

    assert rounds.in_hand() is None


@pytest.fixture
def waiting(monkeypatch):
    """The jobs that wait behind the one at work."""
    jobs = []
    monkeypatch.setattr(rounds, "get_current_job", object)
    monkeypatch.setattr(rounds, "redis", lambda: None)
    monkeypatch.setattr(rounds, "take_next", lambda *_: jobs.pop(0) if jobs else ())
    return jobs
