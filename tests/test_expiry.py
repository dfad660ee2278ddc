"""Taking on what has been kept long enough, and noting that it is gone."""

from __future__ import annotations

from datetime import timedelta

import factories
import pytest
from factories import AT

from voiceline import expiry
from voiceline.models import Voicemail

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def kept(session, services):
    """Three stored voicemails: the first ends now, each other a second sooner."""
    code = factories.make_code(session, factories.make_business(session))
    call = factories.make_call(session, code)
    rows = [factories.make_voicemail(session, call, store=services.store) for _ in range(3)]
    for age, row in enumerate(rows):
        row.expires_at = AT - age * SECOND
    session.flush()
    return rows


def test_oldest_are_taken_first_and_none_too_early(session, kept):
    found = expiry.take(session, at=AT, limit=5)

    assert [each.id for each in found] == [kept[2].id, kept[1].id]


def test_one_that_is_passed_over_is_not_taken(session, kept):
    found = expiry.take(session, at=AT, limit=5, but={kept[2].id})

    assert [each.id for each in found] == [kept[1].id]


def test_what_somebody_took_who_was_killed_is_taken_again_though_it_is_held_now(session, kept):
    expiry.take(session, at=AT, limit=1)
    kept[2].held = True
    session.flush()

    again = expiry.take(session, at=AT + HOUR, limit=1)

    session.refresh(kept[2])
    assert [each.id for each in again] == [kept[2].id]
    assert kept[2].going_at == AT


def test_a_voicemail_is_let_go_once(session, kept):
    ids = [each.id for each in expiry.take(session, at=AT, limit=5)]

    assert [expiry.let_go(session, ids, at=AT) for _ in range(2)] == [2, 0]


def test_what_does_not_go_within_the_hour_is_stuck(session, kept):
    expiry.take(session, at=AT, limit=5)

    counts = [expiry.count_stuck(session, at=AT + HOUR + after) for after in (-SECOND, SECOND)]

    assert counts == [0, 2]
    assert session.query(Voicemail).count() == 3
