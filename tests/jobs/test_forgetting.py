from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_business, make_code, make_request, make_user, tone
from sqlalchemy import func, select

from jobs.claimed import now
from jobs.forgetting import forget
from voiceline.bulk import begin_bulk
from voiceline.greetings import audio_of, forget_unused_audio, keep_audio
from voiceline.limits import take
from voiceline.login_sessions import open_session
from voiceline.models import (
    Allowance,
    BulkAction,
    BulkItem,
    BulkKind,
    Download,
    LoginSession,
    RequestRecord,
    RequestTally,
)
from voiceline.records import begin_record


@pytest.mark.parametrize(("days_ago", "left"), [(0, 1), (2, 0)])
def test_only_what_has_ended_is_forgotten(services, days_ago, left):
    at = now() - timedelta(days=days_ago)
    with services.sessions.begin() as session:
        user = make_user(session)
        open_session(session, user, at)
        take(session, key="k", allowance=1, window=timedelta(minutes=5), at=at)

    forget()

    with services.sessions() as session:
        sessions = session.scalar(select(func.count()).select_from(LoginSession))
        windows = session.scalar(select(func.count()).select_from(Allowance))
    assert (sessions, windows) == (left, left)


@pytest.mark.parametrize(("days_ago", "left"), [(29, 1), (31, 0)])
def test_what_became_of_acts_and_archives_is_kept_a_month(services, days_ago, left):
    at = now() - timedelta(days=days_ago)
    with services.sessions.begin() as session:
        alice, acme = make_user(session), make_business(session)
        request = make_request(session, make_code(session, acme))
        act = begin_bulk(
            session,
            acme.id,
            alice,
            form=uuid4(),
            kind=BulkKind.READ,
            facts={},
            ids=[request.id],
            seen={},
            at=at,
        )
        act.finish(at)
        run = {"voicemails": 1, "size": 1, "started_at": at, "seen_at": at, "ended_at": at}
        session.add(Download(id=uuid4(), business_id=acme.id, user_id=alice.id, **run))

    forget()

    with services.sessions() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (BulkAction, BulkItem, Download)
        ]
    assert counts == [left] * 3


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


def test_sound_that_is_handed_in_again_is_kept_for_another_day(session):
    digest = keep_audio(session, tone(), AT)
    again = AT + timedelta(hours=25)

    keep_audio(session, tone(), again)

    assert forget_unused_audio(session, before=again - timedelta(days=1)) == 0
    assert audio_of(session, digest) == tone()
