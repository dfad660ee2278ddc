"""The telephone is killed while callers are on it: retry or fallback, and nothing half-written."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from faults.house import House, open_house, wait_for
from faults.report import note
from faults.signals import send
from sqlalchemy import select
from sqlalchemy.engine import make_url

from voiceline.models import Call, PrivacyRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(480)]

CALLS = 8
BEFORE = ("answer", "code", "greeting", "right")
ASKED = ("beep", "speaking", "message", "review", "receipt")
"""Steps at which a caller hangs up: before anything was asked for, and after; all key a right."""


def test_server_killed_inside_a_webhook_loses_nothing(house: House):
    telephone = house.member("telephone")
    calling = house.call_meanwhile(CALLS)
    for _ in range(2):
        with _requests_in_flight(house):
            for pid in telephone.children:
                send(pid, signal.SIGKILL)
        wait_for(lambda: telephone.children or calling.done(), "another server process")
    records = calling.result(100)

    note("telephone's server killed inside a webhook", house.assert_settles())
    assert "carrier_error_message" not in {record.outcome for record in records}


def test_whole_telephone_killed_is_answered_by_the_fallback(house: House):
    telephone = house.member("telephone")
    deaths = telephone.deaths
    with suppress(ProcessLookupError):
        os.killpg(telephone.pid, signal.SIGKILL)
    records = house.call(CALLS)

    note("telephone killed before callers rang", house.assert_settles())
    wait_for(lambda: telephone.deaths > deaths, "a new telephone")
    assert "carrier_error_message" not in {record.outcome for record in records}


@pytest.mark.parametrize(
    ("step", "filed"), [*((step, False) for step in BEFORE), *((step, True) for step in ASKED)]
)
def test_caller_who_hangs_up_is_filed_once_something_is_asked(house: House, step: str, filed: bool):
    (record,) = house.call(hang_up_at=step)

    note("caller hangs up at every step", house.assert_settles())
    assert record.outcome == "caller_hung_up"
    assert (record.call_id in house.carrier.standing()) == (filed and step != "beep")
    with house.reading() as session:
        found = select(PrivacyRequest.id).join(Call).where(Call.carrier_id == record.call_id)
        assert (session.scalar(found) is not None) == filed


@contextmanager
def _requests_in_flight(house: House) -> Iterator[None]:
    """Hold the database's write lock, so that every request that writes is under way."""
    path = make_url(house.services.settings.database).database
    with closing(sqlite3.connect(str(path), timeout=30, isolation_level=None)) as connection:
        connection.execute("begin immediate")
        time.sleep(0.5)
        yield
        connection.execute("rollback")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("telephone")) as opened:
        opened.call()
        opened.assert_settles()
        yield opened
