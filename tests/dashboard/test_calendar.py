"""The calendar behind a secret address: dates and references of one business, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from calendars import read_calendar
from factories import make_request
from sqlalchemy import delete, select
from staff import csrf_token, statements

from voiceline import calendars
from voiceline.models import CalendarAddress, Membership, PrivacyRequest, User
from voiceline.rules.references import grouped
from voiceline.rules.rights import Right


def test_calendar_shows_what_is_owed(anonymous, world, address):
    answer = anonymous.get(address)

    found = read_calendar(answer.text)
    reference = grouped(world.request.reference)
    assert answer.mimetype == "text/calendar"
    assert {event["SUMMARY"]: event["DTSTART"] for event in found} == {
        f"Receipt to confirm: {reference}, Delete": f"{world.request.acknowledge_by:%Y%m%d}",
        f"Answer due: {reference}, Delete": f"{world.request.respond_by:%Y%m%d}",
    }
    assert all(event["URL"].endswith(world.page) for event in found)


def test_calendar_shows_nothing_of_others(anonymous, world, address):
    text = anonymous.get(address).text

    assert grouped(world.foreign.reference) not in text
    assert "4155550123" not in text
    assert "please delete" not in text


def test_uid_stays_when_the_date_moves(anonymous, world, address, services):
    before = read_calendar(anonymous.get(address).text)[1]
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, world.request.id)
        found.rights[0].due_by += timedelta(days=45)
        found.follow_rights(found.filed_at)

    after = read_calendar(anonymous.get(address).text)[1]

    assert after["UID"] == before["UID"]
    assert after["DTSTART"] != before["DTSTART"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_answered_request_leaves_the_calendar(anonymous, world, address, services, clock):
    with services.sessions.begin() as session:
        session.get_one(PrivacyRequest, world.request.id).withdraw(at=clock())

    assert read_calendar(anonymous.get(address).text) == []


def test_unchanged_calendar_is_not_sent_again(anonymous, address):
    first = anonymous.get(address)

    again = anonymous.get(address, headers={"If-None-Match": first.headers["ETag"]})
    other = anonymous.get(address, headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.data) == (304, b"")
    assert other.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_token_is_nowhere_in_the_database(address, services):
    token = address.removeprefix("/calendar/").removesuffix(".ics")

    with services.sessions() as session:
        (row,) = session.scalars(select(CalendarAddress)).all()

    assert token not in str(vars(row))
    assert len(row.token_sha256) == 64


def test_new_address_ends_the_old_one(alice, anonymous, world, address):
    other = open_address(alice, world)

    assert anonymous.get(address).status_code == 404
    assert anonymous.get(other).status_code == 200


def test_removed_address_leads_nowhere(alice, anonymous, world, address):
    change(alice, world, "close")

    assert anonymous.get(address).status_code == 404


def test_who_left_the_business_reads_no_more(anonymous, world, address, services):
    with services.sessions.begin() as session:
        session.execute(
            delete(Membership).where(
                Membership.user_id == world.alice.id, Membership.business_id == world.acme.id
            )
        )

    assert anonymous.get(address).status_code == 404


def test_who_may_not_sign_in_reads_no_more(anonymous, world, address, services, clock):
    with services.sessions.begin() as session:
        session.get_one(User, world.alice.id).disabled_at = clock()

    assert anonymous.get(address).status_code == 404


@pytest.mark.parametrize("token", ["x" * 43, "x" * 42, "x" * 44, "%2e%2e%2f" * 5, "é" * 43])
def test_wrong_addresses_lead_nowhere(anonymous, world, token):
    assert anonymous.get(f"/calendar/{token}.ics").status_code == 404


def test_guessing_comes_to_an_end(anonymous, world):
    answers = [anonymous.get(f"/calendar/{number:043d}.ics") for number in range(32)]

    assert [answer.status_code for answer in answers[-3:]] == [404, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) == 3600


def test_guessing_from_one_household_ends_too(anonymous, world):
    codes = [
        anonymous.get(
            f"/calendar/{number:043d}.ics",
            environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"},
        ).status_code
        for number in range(32)
    ]

    assert codes[-3:] == [404, 429, 429]


def test_reading_all_the_time_comes_to_an_end(anonymous, address):
    codes = [anonymous.get(address).status_code for _ in range(62)]

    assert codes == [200] * 60 + [429] * 2


def test_long_calendar_costs_no_more(anonymous, world, address, services, monkeypatch):
    monkeypatch.setattr(calendars, "MOST_REQUESTS", 20)
    with statements(services.engine) as few:
        anonymous.get(address)
    with services.sessions.begin() as session:
        for _ in range(30):
            make_request(session, session.merge(world.acme_code), right=Right.OPT_OUT)

    with statements(services.engine) as many:
        text = anonymous.get(address).text

    assert len({event["URL"] for event in read_calendar(text)}) == 20
    assert len(few) == len(many) <= 5


def test_charlie_has_no_calendar_of_acme(charlie, world, services):
    token = csrf_token(charlie, f"/businesses/{world.bolt.id}/requests")

    answer = charlie.post(
        f"/businesses/{world.acme.id}/notices/calendar", data={"csrf_token": token, "do": "open"}
    )

    assert answer.status_code == 404
    with services.sessions() as session:
        assert session.scalar(select(CalendarAddress)) is None


def change(client, world, wish: str):
    page = f"/businesses/{world.acme.id}/notices"
    form = {"csrf_token": csrf_token(client, page), "do": wish}
    return client.post(f"{page}/calendar", data=form)


def open_address(client, world) -> str:
    """Answer the path of a new address, as the page shows it."""
    change(client, world, "open")
    page = client.get(f"/businesses/{world.acme.id}/notices").text
    return "/calendar/" + page.partition("/calendar/")[2].partition('"')[0]


@pytest.fixture
def address(alice, world) -> str:
    return open_address(alice, world)
