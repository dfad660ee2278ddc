"""Dedicated numbers and blocked callers, as a process remembers them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from lines import CALLER, DEDICATED
from sqlalchemy import event

from voiceline.businesses import block_caller, unblock_caller
from webhooks import line as line_module
from webhooks.line import Directory

AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_the_directory_is_read_once_for_many_calls(services, statements):
    directory = Directory(services.sessions)

    for _ in range(50):
        directory.is_dedicated(DEDICATED)
        directory.is_blocked(CALLER)

    assert len(statements.reads) == 2


def test_a_newly_blocked_caller_is_turned_away_soon(services, monkeypatch):
    directory = Directory(services.sessions)
    before = directory.is_blocked(CALLER)
    monkeypatch.setattr(line_module, "FRESH_SECONDS", -1)

    with services.sessions.begin() as session:
        block_caller(session, CALLER, reason="floods the line", at=AT)
    blocked = directory.is_blocked(CALLER)
    with services.sessions.begin() as session:
        unblock_caller(session, CALLER)

    assert (before, blocked, directory.is_blocked(CALLER)) == (False, True, False)


def test_an_old_directory_serves_when_none_can_be_read(services, monkeypatch, database):
    directory = Directory(services.sessions)
    directory.is_dedicated(DEDICATED)
    monkeypatch.setattr(line_module, "FRESH_SECONDS", -1)

    database.stop()

    assert directory.is_dedicated(DEDICATED)
    assert directory.is_known


def test_a_directory_never_read_is_not_known(services, database):
    directory = Directory(services.sessions)
    database.stop()

    found = directory.is_dedicated(DEDICATED)

    assert (found, directory.is_known) == (False, False)


def test_calls_at_once_wait_for_the_first_reading(services):
    directory = Directory(services.sessions)
    reading, go_on = threading.Event(), threading.Event()

    def hold(*_):
        reading.set()
        go_on.wait(5)

    event.listen(services.engine, "before_cursor_execute", hold)
    first = threading.Thread(target=directory.is_dedicated, args=(DEDICATED,))
    found: list[bool] = []
    second = threading.Thread(target=lambda: found.append(directory.is_dedicated(DEDICATED)))
    first.start()
    assert reading.wait(5)
    second.start()
    go_on.set()
    first.join(5)
    second.join(5)

    assert found == [True]


def test_before_the_first_reading_no_call_is_refused(telephone, database):
    database.stop()

    answered = telephone.answer(To=DEDICATED)

    assert answered.verb("Record").action.startswith("/voice/fallback/message")
    assert "not in service" not in answered.said
