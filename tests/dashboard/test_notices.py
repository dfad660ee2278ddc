"""What colleagues choose to be told, each for themselves, and what the business decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import make_member, make_user
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline.models import AuditEntry, Business, Membership, NoticeChoice, Role
from voiceline.notices import wanted_by
from voiceline.rules.alerts import NOTHING, UNASKED, Wanted


def test_page_shows_what_is_sent_unasked(alice, world):
    page = alice.get(notices(world)).text

    assert page.count(" checked>") == 5
    assert "alice@example.com" in page
    assert "8:00 of America/Los_Angeles" in page


def test_choice_is_kept_for_oneself_alone(alice, bob, world, services):
    answer = send(alice, world, "", at_once="yes", friday="yes")

    assert answer.status_code == 303
    assert "Saved." in alice.get(answer.headers["Location"]).text
    assert wanted(services, world, world.alice) == replace(NOTHING, at_once=True, friday=True)
    assert wanted(services, world, world.bob) == UNASKED


def test_choice_can_be_made_anew(alice, world, services):
    send(alice, world, "", at_once="yes")
    send(alice, world, "")

    assert wanted(services, world, world.alice) == NOTHING
    with services.sessions() as session:
        assert len(session.scalars(select(NoticeChoice)).all()) == 1


def test_viewer_chooses_for_themselves(viewer, world, services):
    answers = [
        send(viewer, world, "", daily="yes"),
        send(viewer, world, "/calendar", do="open"),
        send(viewer, world, "/words", words="yes"),
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 403]


def test_owner_lets_mail_hold_words(alice, world, services):
    send(alice, world, "/words", words="yes")

    with services.sessions() as session:
        assert session.get_one(Business, world.acme.id).mails_words
        assert not session.get_one(Business, world.bolt.id).mails_words
        (entry,) = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "business.mail_words")
        ).all()
    assert '"words":true' in entry.facts.replace(" ", "")


def test_agent_is_told_who_decides(bob, world, services):
    page = bob.get(notices(world)).text
    answer = send(bob, world, "/words", words="yes")

    assert "An admin or owner can change that." in page
    assert answer.status_code == 403
    with services.sessions() as session:
        assert not session.get_one(Business, world.acme.id).mails_words


def test_address_is_shown_once(alice, world):
    send(alice, world, "/calendar", do="open")

    first, second = alice.get(notices(world)).text, alice.get(notices(world)).text

    assert "/calendar/" in first.partition("Copy this address")[2]
    assert "Copy this address" not in second
    assert "It is not shown again" in second


def test_unknown_wish_is_refused(alice, world):
    assert send(alice, world, "/calendar", do="burn").status_code == 400


@pytest.mark.parametrize("place", ["", "/calendar", "/words"])
def test_other_businesses_are_not_there(charlie, world, place):
    token = csrf_token(charlie, f"/businesses/{world.bolt.id}/requests")

    answer = charlie.post(f"{notices(world)}{place}", data={"csrf_token": token, "do": "open"})

    assert answer.status_code == 404
    assert charlie.get(notices(world)).status_code == 404


@pytest.mark.parametrize("place", ["", "/calendar", "/words"])
def test_forged_forms_are_refused(alice, world, place):
    answer = alice.post(f"{notices(world)}{place}", data={"do": "open"})

    assert answer.status_code == 400


def notices(world) -> str:
    return f"/businesses/{world.acme.id}/notices"


def send(client, world, place: str, **fields: str):
    form = {"csrf_token": csrf_token(client, notices(world))} | fields
    return client.post(f"{notices(world)}{place}", data=form)


def wanted(services, world, user) -> Wanted:
    with services.sessions() as session:
        found = select(Membership).filter_by(user_id=user.id, business_id=world.acme.id)
        return wanted_by(session, session.scalars(found).one())


@pytest.fixture
def viewer(app, world, services):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vale")
        make_member(session, session.merge(world.acme), vera, Role.VIEWER)
    return signed_in(app, vera)
