"""Something dangerous asks who does it to prove that they are there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import PASSWORD
from mailed import send
from sqlalchemy import select
from staff import csrf_token, sign_in, signed_in

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


class TestWhatWasTyped:
    def test_invitation_is_there_again_and_goes_out(self, alice, clock, services, world):
        team = f"/businesses/{world.acme.id}/members"
        clock.wait(CONFIRMED_FOR)

        asked = send(alice, team, f"{team}/invite", email="dana@example.com", role="viewer")
        answer = confirm(alice, asked.location)
        page = alice.get(answer.location).text

        assert 'value="dana@example.com"' in page
        assert 'value="viewer" required checked' in page
        assert "What you typed is here again" in page
        assert "dana@example.com" not in alice.get(team).text
        assert send(alice, team, f"{team}/invite", email="dana@example.com", role="viewer").location

    def test_it_is_in_no_address_and_in_no_other_form(self, alice, clock, world):
        clock.wait(CONFIRMED_FOR)

        asked = send(alice, "/account", "/account/address", address="new@example.com")
        confirm(alice, asked.location)

        assert asked.location == "/confirm?next=/account"
        assert "new@example.com" not in alice.get(f"/businesses/{world.acme.id}/members").text
        assert 'value="new@example.com"' in alice.get("/account").text

    @pytest.mark.parametrize("token", [{}, {"csrf_token": "x"}, {"csrf_token": "another's"}])
    def test_nothing_of_a_forged_form_waits_for_its_victim(self, app, alice, clock, world, token):
        """Another site's page can send a form, where a browser does not say whence it comes."""
        team = f"/businesses/{world.acme.id}/members"
        if token.get("csrf_token") == "another's":
            token = {"csrf_token": csrf_token(signed_in(app, world.bob), "/account")}
        clock.wait(CONFIRMED_FOR)

        wish = {"email": "mallory@evil.example", "role": "owner"}
        asked = alice.post(f"{team}/invite", data=wish | token)
        confirm(alice, f"/confirm?next={team}")

        assert asked.location == f"/confirm?next={team}"
        assert "mallory" not in alice.get(team).text

    def test_secrets_are_not_kept(self, alice, clock, world):
        page = f"/businesses/{world.acme.id}/sign-in"
        clock.wait(CONFIRMED_FOR)
        wish = {"name": "Okta", "issuer": "https://acme.okta.example", "client_id": "our-own-id"}

        asked = send(alice, page, f"{page}/provider", **wish, client_secret="hush" * 4)
        confirm(alice, asked.location)
        again = alice.get(page)

        assert 'value="https://acme.okta.example"' in again.text
        assert 'value="our-own-id"' in again.text
        assert "hush" not in again.text

    def test_much_is_cut(self, alice, clock, world):
        page = f"/businesses/{world.acme.id}/sign-in"
        clock.wait(CONFIRMED_FOR)

        send(alice, page, f"{page}/domains", domain="x" * 60_000)

        assert len(alice.get_cookie("voiceline-form").value) < 1000

    def test_next_person_at_the_browser_does_not_see_it(self, alice, clock, world):
        clock.wait(CONFIRMED_FOR)
        send(alice, "/account", "/account/address", address="new@example.com")

        alice.post("/sign-out", data={"csrf_token": csrf_token(alice, world.inbox)})
        sign_in(alice, "alice@example.com")

        assert "new@example.com" not in alice.get("/account").text
