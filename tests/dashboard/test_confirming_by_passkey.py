"""A passkey proves who is at the keyboard: of this person, for this session, once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import AT
from fakes.authenticator import PRESENT, Authenticator
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline import passkeys
from voiceline.login_sessions import CONFIRMED_FOR, find_session, open_session
from voiceline.models import LoginSession
from voiceline.passkeys import Site
from voiceline.pending_sign_ins import CHALLENGE_LASTS

SITE = Site("localhost", "http://localhost:5081")
PAGE = "/account/two-step"


def test_passkey_opens_the_way_back(alice, key, services, world, clock):
    answer = prove(alice, key)

    assert (answer.status_code, answer.location) == (303, PAGE)
    assert confirmed(services, world.alice) == {clock()}


def test_session_goes_on_under_a_new_token(app, alice, key):
    cookie = app.config["LOGIN_COOKIE"]
    before = alice.get_cookie(cookie).value

    prove(alice, key)

    stolen = app.test_client()
    stolen.set_cookie(cookie, before)
    assert alice.get_cookie(cookie).value != before
    assert stolen.get("/account").status_code == 302


def test_answer_counts_once(alice, key, services, world, clock):
    said = key.get(challenge(alice))
    pending = alice.get_cookie(f"{COOKIE}-pending").value
    submit(alice, said)
    clock.wait(CONFIRMED_FOR)
    alice.set_cookie(f"{COOKIE}-pending", pending)

    answer = submit(alice, said)

    assert answer.status_code == 422
    assert "That passkey did not work" in answer.text


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"flags": PRESENT}])
def test_what_a_browser_would_not_say_proves_nothing(alice, key, lie):
    for name, value in lie.items():
        setattr(key, name, value)

    assert prove(alice, key).status_code == 422


def test_key_of_a_colleague_proves_nothing(bob, key):
    assert prove(bob, key).status_code == 422


def test_challenge_of_another_session_proves_nothing(app, alice, key, world, clock):
    said = key.get(challenge(alice))
    elsewhere = signed_in(app, world.alice)
    clock.wait(CONFIRMED_FOR - CHALLENGE_LASTS)
    elsewhere.set_cookie(f"{COOKIE}-pending", alice.get_cookie(f"{COOKIE}-pending").value)

    assert submit(elsewhere, said).status_code == 422


def test_challenge_for_signing_in_proves_nothing(anonymous, alice, key):
    token = csrf_token(anonymous)
    options = anonymous.post("/sign-in/passkey/challenge", data={"csrf_token": token}).text
    alice.set_cookie(f"{COOKIE}-pending", anonymous.get_cookie(f"{COOKIE}-pending").value)

    assert submit(alice, key.get(options)).status_code == 422


def test_challenge_that_grew_old_proves_nothing(alice, key, clock):
    said = key.get(challenge(alice))
    clock.wait(CHALLENGE_LASTS)

    assert submit(alice, said).status_code == 422


@pytest.mark.parametrize("said", ["", "{}", "null", "[]", "x" * 20_000, '{"id": 1}'])
def test_what_is_no_answer_is_no_failure(alice, key, said):
    challenge(alice)

    assert submit(alice, said).status_code == 422


def test_it_leads_nowhere_but_into_this_site(alice, key):
    assert submit(alice, key.get(challenge(alice)), to="//evil.example").location == "/"


def test_address_without_a_host_name_has_no_challenges(alice, monkeypatch):
    token = csrf_token(alice, "/confirm")
    monkeypatch.setattr("voiceline.dashboard.confirming.passkeys_work", lambda: False)

    answer = alice.post("/confirm/passkey/challenge", data={"csrf_token": token})

    assert answer.status_code == 404


COOKIE = "voiceline"


def challenge(client):
    token = csrf_token(client, "/confirm")
    return client.post("/confirm/passkey/challenge", data={"csrf_token": token}).text


def submit(client, said, *, to=PAGE):
    form = {"csrf_token": csrf_token(client, "/confirm"), "answer": said, "next": to}
    return client.post("/confirm/passkey", data=form)


def prove(client, key):
    return submit(client, key.get(challenge(client)))


def confirmed(services, user):
    with services.sessions() as session:
        return set(session.scalars(select(LoginSession.confirmed_at).filter_by(user_id=user.id)))


@pytest.fixture
def services(services):
    changed = {"dashboard_url": SITE.origin}
    return replace(services, settings=services.settings.model_copy(update=changed))


@pytest.fixture
def key(services, world):
    """Alice's key."""
    made = Authenticator()
    with services.sessions.begin() as session:
        person = session.merge(world.alice)
        login = find_session(session, open_session(session, person, AT), AT)
        options, asked = passkeys.options_to_add(session, person, SITE)
        answer = made.create(options)
        passkeys.add(session, login, answer, challenge=asked, name="Key", site=SITE, at=AT)
        session.delete(login)
    return made


@pytest.fixture
def alice(app, world, key, clock):
    """Alice at a browser that she left open for a while."""
    client = signed_in(app, world.alice)
    clock.wait(CONFIRMED_FOR)
    return client
