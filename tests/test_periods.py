"""Whose turn it is: one of any number of schedulers, once a period."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from voiceline.periods import give_back_turn, take_turn

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
EVERY = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
SCHEDULERS = 6


def test_first_who_asks_gets_the_turn(session):
    assert take_turn(session, "expire", every=EVERY, at=AT)


def test_nobody_gets_a_turn_within_the_period(session):
    take_turn(session, "expire", every=EVERY, at=AT)

    assert not take_turn(session, "expire", every=EVERY, at=AT + EVERY - SECOND)
    assert take_turn(session, "expire", every=EVERY, at=AT + EVERY)


def test_kinds_of_work_take_turns_of_their_own(session):
    take_turn(session, "expire", every=EVERY, at=AT)

    assert take_turn(session, "retag", every=EVERY, at=AT)


def test_many_schedulers_get_one_turn(services):
    gate = threading.Barrier(SCHEDULERS)

    def ask(_):
        gate.wait()
        with services.sessions.begin() as session:
            return take_turn(session, "expire", every=EVERY, at=AT)

    with ThreadPoolExecutor(SCHEDULERS) as pool:
        turns = list(pool.map(ask, range(SCHEDULERS)))

    assert turns.count(True) == 1


def test_turn_given_back_is_anybodys(session):
    take_turn(session, "expire", every=EVERY, at=AT)

    give_back_turn(session, "expire", at=AT)

    assert take_turn(session, "expire", every=EVERY, at=AT + SECOND)


def test_old_turn_gives_back_no_newer_one(session):
    take_turn(session, "expire", every=EVERY, at=AT)
    take_turn(session, "expire", every=EVERY, at=AT + EVERY)

    give_back_turn(session, "expire", at=AT)

    assert not take_turn(session, "expire", every=EVERY, at=AT + EVERY + SECOND)


def test_clock_that_went_back_runs_nothing_twice(session):
    take_turn(session, "expire", every=EVERY, at=AT)

    assert not take_turn(session, "expire", every=EVERY, at=AT - timedelta(hours=1))
