"""The scheduler: periodic work once a period, however many of them run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError

from jobs import schedule

START = datetime(2026, 11, 20, 20, tzinfo=UTC)
SPAN, STEP = 600, 5


def test_each_job_is_offered_once_a_period(offers, clock):
    for _ in range(SPAN // STEP):
        schedule.tick()
        clock.go_on()

    counted = {job: offers.count(job) for job in schedule.EVERY_SECONDS}
    assert counted == {job: SPAN // every for job, every in schedule.EVERY_SECONDS.items()}


def test_second_scheduler_offers_nothing_more(offers, clock):
    for _ in range(12):
        schedule.tick()
        schedule.tick()
        clock.go_on()

    assert offers.count("requeue_stalled") == 6


def test_offer_is_worthless_after_its_period(monkeypatch, desk):
    lives = {}
    monkeypatch.setattr(schedule, "redis", lambda: None)
    monkeypatch.setattr(schedule, "enqueue", lambda _, job, ttl: lives.update({job: ttl}))

    schedule.tick()

    assert lives == schedule.EVERY_SECONDS


def test_turn_without_a_queue_is_not_used_up(monkeypatch, desk, clock):
    def lose_queue(*_, **__):
        raise RedisAway

    offered = []
    monkeypatch.setattr(schedule, "redis", lambda: None)
    monkeypatch.setattr(schedule, "enqueue", lose_queue)
    schedule.tick()
    monkeypatch.setattr(schedule, "enqueue", lambda _, job, ttl: offered.append(job))
    clock.go_on()
    schedule.tick()

    assert offered == list(schedule.EVERY_SECONDS)


def test_database_that_is_away_ends_no_scheduler(monkeypatch, offers):
    def lose_database(*_, **__):
        raise OperationalError("update", {}, Exception("gone"))

    monkeypatch.setattr(schedule, "take_turn", lose_database)

    schedule.tick()

    assert offers == []


class Clock:
    def __init__(self):
        self.at = START

    def go_on(self):
        self.at += timedelta(seconds=STEP)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(schedule, "now", lambda: made.at)
    return made


@pytest.fixture
def offers(desk, monkeypatch):
    found = []
    monkeypatch.setattr(schedule, "redis", lambda: None)
    monkeypatch.setattr(schedule, "enqueue", lambda _, job, ttl: found.append(job))
    return found
