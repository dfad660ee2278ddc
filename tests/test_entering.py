"""What a colleague enters: its true day of receipt, whose work it was, and only once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from factories import AT, make_business, make_code, make_user
from sqlalchemy import func, select

from voiceline.entering import Entry, enter_request, moment_of_receipt
from voiceline.errors import DateError, JurisdictionError
from voiceline.inbox import count_requests
from voiceline.models import AuditEntry, Channel, PrivacyRequest, Requester, RequestRecord
from voiceline.rules.rights import Right, RightSource
from voiceline.rules.standings import Standing

TODAY = date(2026, 11, 21)
LETTER = Entry(
    channel=Channel.MAIL,
    received_on=date(2026, 11, 16),
    language="es",
    rights=(Right.DELETE, Right.OPT_OUT),
    standing=Standing.AGENT,
    residence="US-VA",
    name="Dana Diaz",
    consumer_name="Eva Diaz",
    email="dana@example.com",
    postal_address="5 Elm Street\nRichmond",
    details="Borren mis datos.",
)


def test_a_letter_is_dated_by_the_day_it_came(session, code, alice):
    request = enter(session, code, alice)

    assert (request.received_on, request.filed_at) == (date(2026, 11, 16), AT)
    assert request.received_at == datetime(2026, 11, 16, 20, tzinfo=UTC)
    assert {right.respond_by for right in request.rights} == {date(2026, 12, 31)}
    assert (request.channel, request.language, request.jurisdiction) == ("mail", "es", "US-VA")
    assert {right.source for right in request.rights} == {RightSource.CONFIRMED}
    assert request.requester.consumer_name == "Eva Diaz"


def test_history_and_trail_say_who_entered_it(session, code, alice):
    request = enter(session, code, alice)

    (filed,) = request.events
    entry = session.scalars(select(AuditEntry)).one()
    assert (filed.kind, filed.user_id) == ("filed", alice.id)
    assert filed.facts == {"channel": "mail", "received_on": "2026-11-16"}
    assert (entry.action, entry.actor_id) == ("request.entered", alice.id)
    assert (entry.request_id, "Dana" in entry.facts) == (request.id, False)


def test_what_is_past_due_is_overdue_at_once(session, code, alice):
    enter(session, code, alice, received_on=date(2026, 8, 1))

    counts = count_requests(session, code.business_id, TODAY)

    assert (counts.open, counts.overdue) == (1, 1)


def test_the_same_form_twice_is_one_request(session, code, alice):
    form = uuid4()

    ids = {enter(session, code, alice, form=form).id for _ in range(3)}

    assert len(ids) == 1
    for table in (PrivacyRequest, Requester, AuditEntry):
        assert session.scalar(select(func.count()).select_from(table)) == 1


def test_the_next_letter_on_the_same_form_is_not_lost(session, code, alice):
    form = uuid4()
    first = enter(session, code, alice, form=form)

    second = enter(session, code, alice, form=form, name="Fay Ford")

    assert first.id != second.id


def test_two_clicks_at_once_are_one_request(services):
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        alice = make_user(session)
    form, ids, barrier = uuid4(), set(), threading.Barrier(2)

    def click() -> None:
        with services.sessions.begin() as own:
            mine = own.merge(code)
            barrier.wait(10)
            ids.add(enter(own, mine, own.merge(alice), form=form).id)

    if services.engine.dialect.name == "sqlite":
        barrier = threading.Barrier(1)  # its transactions begin one after the other
    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join(30)

    with services.sessions() as session:
        assert session.scalar(select(func.count()).select_from(RequestRecord)) == 2
        assert {each.id for each in session.scalars(select(PrivacyRequest))} == ids


@pytest.mark.parametrize(
    ("received_on", "sentence"),
    [
        (date(2026, 11, 22), r"^2026-11-22 is still to come"),
        (date(9999, 12, 31), r"^9999-12-31 is still to come"),
        (date(2019, 12, 31), r"^2019-12-31 is before the law"),
        (date(1, 1, 1), r"is before the law"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_a_sentence(
    session, code, alice, received_on, sentence
):
    with pytest.raises(DateError, match=sentence):
        enter(session, code, alice, received_on=received_on, residence=None)

    assert session.scalars(select(PrivacyRequest)).all() == []


def test_a_place_that_does_not_exist_is_refused(session, code, alice):
    with pytest.raises(JurisdictionError, match=r"^There is no jurisdiction 'US-XX'"):
        enter(session, code, alice, residence="US-XX")


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "Pacific/Apia", "Asia/Gaza"])
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2024, 2, 29)])
def test_the_moment_of_a_day_lies_on_it(zone, day):
    moment = moment_of_receipt(day, zone, at=AT)

    assert moment.astimezone(ZoneInfo(zone)).date() == day


def test_nothing_comes_later_than_it_is_entered():
    assert moment_of_receipt(TODAY, "America/Los_Angeles", at=AT) == AT


def enter(session, code, user, *, form=None, **facts):
    entry = replace(LETTER, **facts)
    return enter_request(session, code, entry, user, form=form or uuid4(), at=AT)


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def alice(session):
    return make_user(session)
