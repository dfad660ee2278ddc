from __future__ import annotations

from datetime import timedelta

import pytest
from factories import (
    AT,
    make_business,
    make_code,
    make_member,
    make_message,
    make_request,
    make_user,
)
from sqlalchemy import select

from voiceline import casework, reading
from voiceline.models import Membership, RequestRead
from voiceline.reading import (
    count_unread,
    mark_read,
    mark_unread,
    reader_of,
    unread_among,
    unread_ids,
)

MINUTE = timedelta(minutes=1)


def test_new_colleague_begins_with_nothing_unread(session, acme, code):
    for _ in range(5):
        make_request(session, code, filed_at=AT - MINUTE)

    alice = join(session, acme)

    assert count_unread(session, alice) == 0


def test_what_comes_after_one_joined_is_unread_for_each_by_themselves(session, acme, code):
    alice, bob = join(session, acme), join(session, acme, "Bob Baker")
    request = make_request(session, code)

    mark_read(session, alice, request, at=AT + MINUTE)

    assert (count_unread(session, alice), count_unread(session, bob)) == (0, 1)


def test_another_take_or_appeal_is_news_again(session, acme, code):
    alice = join(session, acme)
    request = make_request(session, code)
    mark_read(session, alice, request, at=AT + MINUTE)

    request.news_at = AT + 2 * MINUTE
    session.flush()

    assert unread_among(session, alice, [request.id]) == {request.id}


def test_listening_is_reading(session, acme, code):
    alice = join(session, acme)
    request, voicemail = make_message(session, code)
    user = session.scalars(select(Membership)).one().user

    casework.note_listened(session, request, voicemail, user, AT + MINUTE)

    assert count_unread(session, alice) == 0


def test_what_is_marked_as_unread_stays_so(session, acme, code):
    request = make_request(session, code, filed_at=AT - MINUTE)
    alice = join(session, acme)

    changed = [mark_unread(session, alice, request) for _ in range(2)]

    assert changed == [True, False]
    assert list(session.scalars(unread_ids(alice, 10))) == [request.id]


def test_marking_twice_is_told_and_changes_nothing(session, acme, code):
    alice = join(session, acme)
    request = make_request(session, code)

    changed = [mark_read(session, alice, request, at=AT + MINUTE) for _ in range(2)]

    assert changed == [True, False]


def test_mark_moves_on_and_forgets_nothing(session, acme, code, monkeypatch):
    """However much was read, a few hundred rows tell what was not."""
    monkeypatch.setattr(reading, "MOST_READ", 6)
    monkeypatch.setattr(reading, "LOOKED_AT", 10)
    alice = join(session, acme)
    requests = [make_request(session, code, filed_at=AT + n * MINUTE) for n in range(1, 31)]
    kept = {requests[n].id for n in (0, 7, 29)}

    for request in requests:
        if request.id not in kept:
            mark_read(session, alice, request, at=AT + 60 * MINUTE)

    alice = reader_of(session, session.scalars(select(Membership)).one())
    rows = session.query(RequestRead).filter(RequestRead.read_at.is_not(None)).count()
    assert set(session.scalars(unread_ids(alice, 50))) == kept
    assert unread_among(session, alice, [each.id for each in requests]) == kept
    assert rows <= 17
    assert alice.mark > AT


def test_what_may_still_be_on_its_way_is_not_passed(session, acme, code, monkeypatch):
    monkeypatch.setattr(reading, "MOST_READ", 1)
    alice = join(session, acme)
    for _ in range(4):
        mark_read(session, alice, make_request(session, code), at=AT + MINUTE)

    late = make_request(session, code, filed_at=AT + timedelta(seconds=1))

    assert unread_among(session, alice, [late.id]) == {late.id}


def join(session, acme, name="Alice Abbott"):
    user = make_user(session, name)
    make_member(session, acme, user)
    member = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    return reader_of(session, member)


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def code(session, acme):
    return make_code(session, acme)
