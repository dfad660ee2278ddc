"""Requests that may be the same person's: the same business's only, bounded, and only shown."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_business, make_call, make_code, make_request
from sqlalchemy import select
from staff import statements

from voiceline import related
from voiceline.models import PrivacyRequest, Requester
from voiceline.models.snapshots import snapshot
from voiceline.related import EMAIL, PHONE, related_to

NUMBER = "+14155550123"
ADDRESS = "dana@example.com"


def test_calls_from_one_number_are_related(session, code):
    first, second = called(session, code), called(session, code)
    called(session, code, "+14155550999")

    found = related_to(session, first)

    assert [(each.request, each.likeness) for each in found.shown] == [(second, (PHONE,))]
    assert found.count == 1


def test_a_letter_and_a_call_meet_in_the_number(session, code):
    call = called(session, code)
    letter = wrote(session, code, phone=NUMBER)

    assert [each.request for each in related_to(session, call).shown] == [letter]
    assert [each.request for each in related_to(session, letter).shown] == [call]


def test_what_is_alike_twice_is_shown_once(session, code):
    first = wrote(session, code, email=ADDRESS, phone=NUMBER)
    wrote(session, code, email=ADDRESS, phone=NUMBER)

    found = related_to(session, first)

    assert [each.likeness for each in found.shown] == [(EMAIL, PHONE)]


def test_withheld_numbers_are_nobodys(session, code):
    first = called(session, code, None, caller_unknown_because="withheld")
    called(session, code, None, caller_unknown_because="withheld")
    wrote(session, code)
    wrote(session, code)
    assert first.requester is None

    with statements(session.get_bind()) as asked:
        found = related_to(session, first)

    assert (found.shown, found.count, asked) == ((), 0, [])


def test_another_business_is_never_looked_at(session, code):
    first = wrote(session, code, email=ADDRESS, phone=NUMBER)
    other = make_code(session, make_business(session, "Bolt Bikes"))
    called(session, other)
    wrote(session, other, email=ADDRESS, phone=NUMBER)

    assert related_to(session, first).count == 0


def test_the_newest_few_are_shown_and_the_rest_counted(session, code, monkeypatch):
    monkeypatch.setattr(related, "MOST_COUNTED", 9)
    asked_for = called(session, code, at=AT - timedelta(days=30))
    later = [called(session, code, at=AT - timedelta(hours=hour)) for hour in range(12)]
    assert asked_for.requester is None

    with statements(session.get_bind()) as asked:
        found = related_to(session, asked_for)

    assert [each.request for each in found.shown] == later[:5]
    assert (found.count, len(asked)) == (9, 2)


def test_looking_changes_nothing(session, code):
    first, second = called(session, code), wrote(session, code, phone=NUMBER)
    before = snapshot(first), snapshot(second)

    related_to(session, first)
    session.flush()

    assert (snapshot(first), snapshot(second)) == before
    assert not session.dirty
    versions = session.scalars(select(PrivacyRequest.version)).all()
    assert versions == [1, 1]


def called(session, code, number=NUMBER, *, at=AT, **facts):
    call = make_call(session, code, caller_id=number, started_at=at, **facts)
    return make_request(session, code, call=call, received_at=at)


def wrote(session, code, **facts):
    request = make_request(session, code)
    session.add(Requester(id=uuid4(), business_id=request.business_id, request=request, **facts))
    session.flush()
    return request


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))
