"""What Friday's summary tells of the week's answers: from the log, in one statement."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from factories import AT, make_business, make_code, make_request
from sqlalchemy import select
from staff import statements

from voiceline.models import RequestRecord
from voiceline.news import Answered, answered
from voiceline.records import begin_record
from voiceline.rules.metrics import Outcome

FRIDAY = date(2027, 1, 8)


def test_week_without_an_answer_is_told_as_none(session, code):
    logged(session, code)

    assert week_of(session, code) == Answered(0)


def test_days_of_the_weeks_answers_are_told(session, code):
    for days in (4, 9, 40):
        logged(session, code, answered_on=date(2027, 1, 5), days=days)

    assert week_of(session, code) == Answered(3, 9, 40)


@pytest.mark.parametrize(
    ("answered_on", "count"),
    [
        (date(2026, 12, 31), 0),
        (date(2027, 1, 1), 1),
        (date(2027, 1, 7), 1),
        (date(2027, 1, 8), 0),
    ],
)
def test_each_day_is_told_of_in_one_week(session, code, answered_on, count):
    logged(session, code, answered_on=answered_on)

    assert week_of(session, code).count == count


@pytest.mark.parametrize(("outcome", "count"), [(Outcome.REDIRECTED, 1), (Outcome.WITHDRAWN, 0)])
def test_withdrawn_is_no_answer(session, code, outcome, count):
    logged(session, code, answered_on=date(2027, 1, 5), outcome=outcome)

    assert week_of(session, code).count == count


def test_another_business_has_its_own_week(session, code):
    logged(session, code, answered_on=date(2027, 1, 5))
    other = make_code(session, make_business(session, "Optimer"), "4022")

    assert week_of(session, other) == Answered(0)


def test_week_is_one_statement(session, code):
    for days in range(1, 20):
        logged(session, code, answered_on=date(2027, 1, 5), days=days)

    with statements(session.get_bind()) as asked:
        week_of(session, code)

    assert len(asked) == 1


def week_of(session, code):
    return answered(session, code.business_id, today=FRIDAY, days=7)


def logged(session, code, *, answered_on=None, days=5, outcome=Outcome.COMPLIED):
    """Write a request into the log, answered so many days after it came."""
    day = (answered_on or FRIDAY) - timedelta(days=days)
    made = make_request(session, code, received_at=datetime.combine(day, AT.timetz()))
    begin_record(session, made, at=made.filed_at)
    if answered_on is not None:
        query = select(RequestRecord).where(RequestRecord.request_id == made.id)
        record = session.scalars(query).one()
        record.outcome, record.answered_on = outcome, answered_on
        session.flush()


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))
