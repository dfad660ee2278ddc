"""Codes when signing in, from the first picture to the lost telephone."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from factories import PASSWORD
from sqlalchemy import select
from staff import csrf_token, sign_in, signed_in

from voiceline.accounts import set_password
from voiceline.dashboard import two_step
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import AuditEntry, Business, LoginSession, SignInWay
from voiceline.pending_sign_ins import LASTS

PAGE = "/account/two-step"
STEP = "/sign-in/second-step"


class TestTurningOn:
    def test_key_is_shown_as_a_picture_and_in_letters(self, alice):
        page = begin(alice)

        assert 'role="img"' in page
        assert "<svg" in page
        assert pyotp.TOTP(key_in(page)).now()

    def test_first_code_turns_it_on_and_shows_ten_recovery_codes_once(self, alice, clock):
        turn_on(alice, clock)

        first, second = alice.get(PAGE).text, alice.get(PAGE).text

        assert len(codes_in(first)) == 10
        assert codes_in(second) == []
        assert "10 of 10" in second

    def test_wrong_code_turns_nothing_on(self, alice):
        begin(alice)

        answer = post(alice, f"{PAGE}/app", code="000000")

        assert answer.status_code == 422
        assert "That code does not fit" in answer.text
        assert "Set up an app" in alice.get(PAGE).text

    def test_guessing_the_first_code_is_stopped(self, alice):
        begin(alice)

        answers = [post(alice, f"{PAGE}/app", code="000000").status_code for _ in range(6)]

        assert answers == [422] * 5 + [429]

    def test_other_sessions_end_and_this_one_stays(self, app, alice, world, clock):
        there = signed_in(app, world.alice)

        turn_on(alice, clock)

        assert there.get(world.inbox).status_code == 302
        assert alice.get(world.inbox).status_code == 200

    def test_it_is_in_the_trail(self, alice, clock, services):
        turn_on(alice, clock)

        assert "person.code_app_added" in actions(services)

    @pytest.mark.parametrize("step", ["begin", "recovery-codes", "turn-off"])
    def test_an_open_browser_is_asked_who_is_there(self, alice, clock, step):
        clock.wait(CONFIRMED_FOR)

        answer = post(alice, f"{PAGE}/{step}")

        assert answer.location == f"/confirm?next={PAGE}"

    def test_turning_it_off_asks_for_no_code_any_more(self, alice, anonymous, clock):
        turn_on(alice, clock)

        post(alice, f"{PAGE}/turn-off")

        assert sign_in(anonymous, "alice@example.com").location == "/"


class TestSigningIn:
    def test_right_password_opens_nothing_by_itself(self, alice, anonymous, world, clock):
        turn_on(alice, clock)

        answer = sign_in(anonymous, "alice@example.com")

        assert answer.location == STEP
        assert anonymous.get_cookie("voiceline") is None
        assert anonymous.get(world.inbox).status_code == 302

    def test_token_of_the_first_step_is_no_session(self, app, alice, anonymous, world, clock):
        turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")
        thief = app.test_client()

        thief.set_cookie("voiceline", anonymous.get_cookie("voiceline-pending").value)

        assert thief.get(world.inbox).status_code == 302

    def test_code_opens_the_session_and_leads_back_d35(self, alice, anonymous, world, clock):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com", next=world.page)

        answer = post(anonymous, STEP, code=code(key, clock))

        assert answer.location == world.page
        assert anonymous.get(world.inbox).status_code == 200
        assert anonymous.get_cookie("voiceline-pending") is None

    @pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil", "https:evil", "javascript:x"])
    def test_it_leads_nowhere_but_into_this_site_d8(self, alice, anonymous, clock, wanted):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com", next=wanted)

        assert post(anonymous, STEP, code=code(key, clock)).location == "/"

    def test_session_says_how_it_was_opened(self, alice, anonymous, clock, services):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")

        post(anonymous, STEP, code=code(key, clock))

        with services.sessions() as session:
            ways = set(session.scalars(select(LoginSession.way)))
        assert ways == {SignInWay.PASSWORD_AND_CODE}

    def test_six_wrong_codes_are_too_many_d19(self, alice, anonymous, clock):
        turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")

        answers = [post(anonymous, STEP, code="000000").status_code for _ in range(6)]

        assert answers == [422] * 5 + [429]

    def test_code_of_one_sign_in_opens_no_other_d19(self, app, alice, anonymous, clock):
        key = turn_on(alice, clock)
        other = app.test_client()
        for client in (anonymous, other):
            sign_in(client, "alice@example.com")
        shown = code(key, clock)

        answers = [post(client, STEP, code=shown).status_code for client in (anonymous, other)]

        assert answers == [303, 422]

    def test_step_is_over_after_ten_minutes(self, alice, anonymous, clock):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")
        token = csrf_token(anonymous, STEP)
        clock.wait(LASTS)

        answer = anonymous.post(STEP, data={"csrf_token": token, "code": code(key, clock)})

        assert answer.location == "/sign-in?over=yes"
        assert "begin again" in anonymous.get(answer.location).text

    def test_step_without_a_password_leads_to_it(self, anonymous):
        assert anonymous.get(STEP).location == "/sign-in?over=yes"

    def test_recovery_code_opens_it_once_d20(self, app, alice, anonymous, clock):
        turn_on(alice, clock)
        recovery = codes_in(alice.get(PAGE).text)[4]
        other = app.test_client()
        for client in (anonymous, other):
            sign_in(client, "alice@example.com")

        answers = [post(client, STEP, recovery=recovery) for client in (anonymous, other)]

        assert [answer.status_code for answer in answers] == [303, 422]
        assert "Each code works once" in answers[1].text

    def test_new_password_ends_what_was_under_way(self, alice, anonymous, world, clock, services):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")
        token = csrf_token(anonymous, STEP)
        with services.sessions.begin() as session:
            set_password(session, session.merge(world.alice), PASSWORD + "!", clock())

        answer = anonymous.post(STEP, data={"csrf_token": token, "code": code(key, clock)})

        assert answer.location == "/sign-in?over=yes"

    def test_form_without_its_token_is_refused_d9(self, alice, anonymous, clock):
        key = turn_on(alice, clock)
        sign_in(anonymous, "alice@example.com")

        assert anonymous.post(STEP, data={"code": code(key, clock)}).status_code == 400

    @pytest.mark.parametrize("cookie", ["", "guess", "x" * 3000, "é"])
    def test_tampered_cookie_leads_to_the_password_d21(self, anonymous, cookie):
        anonymous.set_cookie("voiceline-pending", cookie)

        assert anonymous.get(STEP).location == "/sign-in?over=yes"


class TestBusinessAsksForIt:
    def test_password_alone_leads_to_setting_it_up(self, alice, world, services):
        ask_everybody(services, world)

        assert alice.get(world.inbox).location == PAGE
        assert "Acme Shoes asks everybody" in alice.get(PAGE).text

    def test_pages_open_once_it_is_on(self, alice, world, services, clock):
        ask_everybody(services, world)

        turn_on(alice, clock)

        assert alice.get(world.inbox).status_code == 200

    def test_foreign_businesses_stay_missing(self, charlie, world, services):
        ask_everybody(services, world)

        assert charlie.get(world.inbox).status_code == 404


def begin(client):
    post(client, f"{PAGE}/begin")
    return client.get(f"{PAGE}/app").text


def turn_on(client, clock):
    """Answer the key; the first code is used up, so the clock goes on."""
    key = key_in(begin(client))
    answer = post(client, f"{PAGE}/app", code=code(key, clock))
    assert answer.location == PAGE
    clock.wait(timedelta(minutes=1))
    return key


def post(client, path, **fields):
    page = STEP if path == STEP else "/businesses"
    return client.post(path, data={"csrf_token": csrf_token(client, page)} | fields)


def code(key, clock):
    return pyotp.TOTP(key).at(clock())


def key_in(page):
    return "".join(re.findall(r"<code>([A-Z2-7]{4})</code>", page))


def codes_in(page):
    return re.findall(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){4})</code>", page)


def ask_everybody(services, world):
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).needs_second_step = True


def actions(services):
    with services.sessions() as session:
        return set(session.scalars(select(AuditEntry.action)))


@pytest.fixture(autouse=True)
def quick_codes(monkeypatch):
    """Hash one code for all ten: each takes a twentieth of a second."""
    whole = two_step.recovery_codes.hash_codes
    monkeypatch.setattr(
        two_step.recovery_codes,
        "hash_codes",
        lambda codes: [(code[:4], "-") for code in codes[:4] + codes[5:]] + whole(codes[4:5]),
    )
