"""Redis is only a wake-up: whatever happens to it, the rows know what is owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.report import note
from faults.signals import stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(480)]

PATIENCE = 5000
"""Milliseconds after which the carrier would have tried the telephone's request again."""


def test_flushed_backlog_is_offered_again(house: House):
    with stopped(house.member("collect")):
        house.call(8)
        wait_for(lambda: house.backlog("collect"), "a backlog")
        house.redis().flushall()

    note("Redis flushed with a backlog", house.assert_settles())


def test_backlog_of_a_lost_redis_is_offered_again(house: House):
    with stopped(house.member("collect")):
        house.call(8)
        wait_for(lambda: house.backlog("collect"), "a backlog")
        house.queue.kill()
        house.queue.lose_everything()
    house.queue.start()

    note("Redis killed, restarted empty", house.assert_settles())


def test_calls_are_taken_while_redis_is_down(house: House):
    house.queue.kill()
    records = house.call(8)
    house.queue.start()

    note("Redis down while calls came in", house.assert_settles())
    assert {record.outcome for record in records} == {"completed"}


def test_frozen_redis_keeps_no_caller_waiting(house: House):
    house.queue.freeze()
    try:
        records = house.call(6)
    finally:
        house.queue.thaw()

    note("Redis frozen while calls came in", house.assert_settles())
    waits = [
        event.detail["ms"]
        for record in records
        for event in record.events
        if event.kind == "request"
    ]
    assert max(waits) < PATIENCE


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("redis")) as opened:
        opened.call()
        opened.assert_settles()
        yield opened
