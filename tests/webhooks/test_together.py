"""Callbacks of the same moment share a transaction, and each still waits for its own row."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from factories import make_business, make_call, make_code
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from voiceline.carrier_events import RecordingNotice
from voiceline.models import Voicemail
from webhooks.together import Together

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
CALLERS = 12


class Sessions:
    """A maker of sessions that counts, and can keep the first one waiting or fail."""

    def __init__(self, sessions, *, fails=False):
        self._sessions = sessions
        self._fails = fails
        self.begun = 0
        self.entered = threading.Event()
        self.go_on = threading.Event()

    @contextmanager
    def begin(self):
        self.begun += 1
        self.entered.set()
        self.go_on.wait(10)
        if self._fails:
            raise OperationalError("insert", {}, Exception("gone"))
        with self._sessions.begin() as session:
            yield session


def test_who_comes_meanwhile_shares_one_transaction(services, notices):
    sessions = Sessions(services.sessions)

    owed = _receive_all(Together(sessions), sessions, notices)

    with services.sessions() as session:
        assert set(session.scalars(select(Voicemail.id))) == set(owed)
    assert len(set(owed)) == CALLERS
    assert sessions.begun == 2


def test_a_group_that_fails_leaves_each_to_try_alone(services, notices):
    sessions = Sessions(services.sessions, fails=True)

    owed = _receive_all(Together(sessions), sessions, notices)

    assert owed == [None] * CALLERS


def test_after_a_failure_the_next_is_written(services, notices):
    failing = Sessions(services.sessions, fails=True)
    together = Together(failing)
    _receive_all(together, failing, notices[:2])
    together._sessions = services.sessions

    assert together.receive(notices[2], AT) is not None


def _receive_all(together, sessions, notices):
    """Let the first one begin, the others come while it writes, and all of them end."""
    with ThreadPoolExecutor(len(notices)) as pool:
        first = pool.submit(together.receive, notices[0], AT)
        sessions.entered.wait(10)
        others = [pool.submit(together.receive, notice, AT) for notice in notices[1:]]
        while len(together._waiting) < len(others):
            threading.Event().wait(0.01)
        sessions.go_on.set()
        return [future.result(20) for future in (first, *others)]


@pytest.fixture
def notices(services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        calls = [make_call(session, code).carrier_id for _ in range(CALLERS)]
    return [
        RecordingNotice(call, call.replace("CA", "RE"), "completed", AT, seconds=7, take=1)
        for call in calls
    ]
