"""Something dangerous asks who does it to prove that they are there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import PASSWORD
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline.dashboard import gate
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import Business, LoginSession

WORDS = "notices.choose_words"


@pytest.fixture(autouse=True)
def one_dangerous_view(monkeypatch):
    monkeypatch.setitem(gate.CONFIRMED, WORDS, "notices.show_notices")


def test_whoever_has_just_signed_in_is_not_asked(alice, services, world):
    answer = let_mail_hold_words(alice, world)

    assert answer.status_code == 303
    assert "/confirm" not in answer.location
    assert holds_words(services, world)


def test_after_a_while_it_is_asked_for_and_nothing_is_done(alice, clock, services, world):
    clock.wait(CONFIRMED_FOR)

    answer = let_mail_hold_words(alice, world)

    assert answer.location == f"/confirm?next=/businesses/{world.acme.id}/notices"
    assert not holds_words(services, world)


def test_password_opens_the_way_back_to_the_form(alice, clock, services, world):
    clock.wait(CONFIRMED_FOR)
    asked = let_mail_hold_words(alice, world).location

    answer = confirm(alice, asked)

    assert answer.status_code == 303
    assert answer.location == f"/businesses/{world.acme.id}/notices"
    let_mail_hold_words(alice, world)
    assert holds_words(services, world)


def test_session_goes_on_under_a_new_token(app, alice, clock, world):
    cookie = app.config["LOGIN_COOKIE"]
    before = alice.get_cookie(cookie).value
    clock.wait(CONFIRMED_FOR)

    confirm(alice, "/confirm")

    stolen = app.test_client()
    stolen.set_cookie(cookie, before)
    assert alice.get_cookie(cookie).value != before
    assert alice.get(world.inbox).status_code == 200
    assert stolen.get(world.inbox).status_code == 302


def test_wrong_password_confirms_nothing(alice, clock, services, world):
    clock.wait(CONFIRMED_FOR)

    answer = confirm(alice, "/confirm", "not the right one at all")

    assert answer.status_code == 422
    assert "That is not your password" in answer.text
    assert "/confirm" in let_mail_hold_words(alice, world).location


def test_guessing_at_an_open_browser_is_stopped(alice, clock):
    clock.wait(CONFIRMED_FOR)

    answers = [confirm(alice, "/confirm", f"guess number {n}").status_code for n in range(11)]

    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil", "https:evil", "javascript:x"])
def test_it_leads_nowhere_but_into_this_site(alice, wanted):
    answer = confirm(alice, f"/confirm?next={wanted}")

    assert answer.location == "/"


def test_other_sessions_of_the_person_stay_as_they_were(app, alice, clock, services, world):
    clock.wait(CONFIRMED_FOR - timedelta(minutes=1))
    there = signed_in(app, world.alice)
    clock.wait(timedelta(minutes=1))

    confirm(alice, "/confirm")

    with services.sessions() as session:
        moments = set(session.scalars(select(LoginSession.confirmed_at)))
    assert len(moments) == 2
    assert there.get(world.inbox).status_code == 200


def let_mail_hold_words(client, world):
    page = f"/businesses/{world.acme.id}/notices"
    form = {"csrf_token": csrf_token(client, page), "words": "yes"}
    return client.post(f"{page}/words", data=form)


def confirm(client, path, password=PASSWORD):
    wanted = path.partition("next=")[2]
    form = {"csrf_token": csrf_token(client, path), "next": wanted, "password": password}
    return client.post("/confirm", data=form)


def holds_words(services, world):
    with services.sessions() as session:
        return session.get_one(Business, world.acme.id).mails_words
