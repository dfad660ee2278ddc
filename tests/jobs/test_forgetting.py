from __future__ import annotations

from datetime import timedelta

import pytest
from factories import make_business, make_code, make_request, make_user
from sqlalchemy import func, select

from jobs.claimed import now
from jobs.forgetting import forget
from voiceline.accounts import _open_session
from voiceline.limits import take
from voiceline.models import Allowance, LoginSession, RequestRecord, RequestTally
from voiceline.records import begin_record


@pytest.mark.parametrize(("days_ago", "left"), [(0, 1), (2, 0)])
def test_only_what_has_ended_is_forgotten(services, days_ago, left):
    at = now() - timedelta(days=days_ago)
    with services.sessions.begin() as session:
        user = make_user(session)
        _open_session(session, user, at)
        take(session, key="k", allowance=1, window=timedelta(minutes=5), at=at)

    forget()

    with services.sessions() as session:
        sessions = session.scalar(select(func.count()).select_from(LoginSession))
        windows = session.scalar(select(func.count()).select_from(Allowance))
    assert (sessions, windows) == (left, left)


@pytest.mark.parametrize(("days_ago", "left"), [(720, 1), (740, 0)])
def test_records_of_two_years_ago_are_forgotten(services, days_ago, left):
    at = now() - timedelta(days=days_ago)
    with services.sessions.begin() as session:
        request = make_request(session, make_code(session, make_business(session)), received_at=at)
        request.withdraw(at=at)
        begin_record(session, request, at=at)

    forget()

    with services.sessions() as session:
        records = session.scalar(select(func.count()).select_from(RequestRecord))
        counted = session.scalar(select(func.sum(RequestTally.count)))
    assert (records, counted) == (left, left)
