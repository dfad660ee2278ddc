"""Requests of an earlier version on the database of this one: into the log, once, as if kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desks import DAY, Desk
from factories import AT, make_business, make_code, make_request, make_user
from sqlalchemy import delete, select
from test_records import STEPS, _log, _rollup

from voiceline.log_repair import look_for_gaps, repair
from voiceline.models import RequestRecord, RequestTally
from voiceline.records import begin_record, follow, forget_records
from voiceline.rules.lifecycle import RightStatus

HISTORIES = ((), ("acknowledge",), ("household",), ("redirect",), ("extend",), ("withdraw",))


def test_what_is_written_late_is_what_it_would_have_been(session, code, alice):
    for steps in HISTORIES:
        desk = Desk(session, code, alice)
        begin_record(session, desk.request, at=AT)
        for step in steps:
            desk.wait(DAY)
            STEPS[step](desk)
    kept = _log(session), _rollup(session)
    session.execute(delete(RequestRecord))
    session.execute(delete(RequestTally))

    count = repair_all(session)

    assert count == len(HISTORIES)
    assert (_log(session), _rollup(session)) == kept


def test_second_time_does_nothing(session, code):
    make_request(session, code)

    assert repair_all(session) == 1
    first = _log(session), _rollup(session)
    assert repair_all(session) == 0
    assert (_log(session), _rollup(session)) == first


def test_what_was_answered_behind_the_log_is_followed(session, code, alice):
    desk = Desk(session, code, alice)
    begin_record(session, desk.request, at=AT)
    desk.request.withdraw(at=AT + DAY)
    session.flush()

    count = repair_all(session)

    (record,) = session.scalars(select(RequestRecord))
    assert count == 1
    assert record.status == RightStatus.WITHDRAWN
    assert record.keep_until is not None


def test_open_request_gets_the_date_it_is_watched_by(session, code):
    made = make_request(session, code)
    begin_record(session, made, at=AT)
    made.watch_by = None
    session.flush()

    count = repair_all(session)

    assert count == 1
    assert made.watch_by is not None
    assert made.watch_by <= made.respond_by


def test_what_was_answered_behind_our_back_is_watched_no_more(session, code, alice):
    desk = Desk(session, code, alice)
    begin_record(session, desk.request, at=AT)
    STEPS["redirect"](desk)
    desk.right().tell_by = None
    session.flush()

    count = repair_all(session)

    assert count == 1
    assert desk.request.watch_by is None


def test_forgotten_record_is_not_written_again(session, code):
    made = make_request(session, code)
    made.withdraw(at=AT)
    follow(session, made, at=AT)
    much_later = AT + timedelta(days=800)
    forget_records(session, today=much_later.date())

    count = repair_all(session, at=much_later)

    assert count == 0
    assert not session.scalars(select(RequestRecord)).all()


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pieces_find_each_request_once(session, code, limit):
    made = {make_request(session, code).id for _ in range(5)}

    found, after = [], None
    while (piece := look_for_gaps(session, after=after, limit=limit)).last is not None:
        found += piece.requests
        after = piece.last

    assert sorted(found) == sorted(made)


def repair_all(session, at=AT + 3 * DAY):
    """Repair what there is; answer how many requests were written."""
    session.flush()
    found = look_for_gaps(session, after=None).requests
    return sum(repair(session, each, at=at) for each in sorted(found))


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def alice(session):
    return make_user(session)
