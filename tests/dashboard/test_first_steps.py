"""The list of first steps: ticked by what happened, hidden by whoever has seen enough."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_business, make_call, make_code, make_member, make_request
from staff import csrf_token, signed_in

from voiceline.audit import OPERATOR
from voiceline.first_steps import first_steps
from voiceline.greetings import set_greeting, use_standard
from voiceline.models import Channel, Membership, Role
from voiceline.notices import choose
from voiceline.rules.alerts import NOTHING


def test_nothing_is_done_at_first(steps):
    assert (steps().done, steps().count) == (0, 5)


def test_a_greeting_of_ones_own_is_a_step_until_it_is_gone(session, code, steps):
    set_greeting(session, code, language="es", text="Hola.", at=AT)
    done = steps().greeting

    use_standard(session, code, language="es", by=OPERATOR, at=AT)

    assert (done, steps().greeting) == (True, False)


def test_a_call_to_its_end_after_the_greeting_is_the_test(session, code, steps):
    make_call(session, code, started_at=AT, ended_at=AT)
    before = steps().test_call
    set_greeting(session, code, language="en", text="Hi.", at=AT + timedelta(minutes=1))
    early = steps().test_call
    call = make_call(session, code, started_at=AT + timedelta(minutes=2))
    ringing = steps().test_call

    call.end(AT + timedelta(minutes=3))

    assert (before, early, ringing, steps().test_call) == (False, False, False, True)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_call_in_the_other_language_is_no_test_of_it(session, code, steps, language):
    set_greeting(session, code, language="es", text="Hola.", at=AT)

    make_call(session, code, language=language, started_at=AT, ended_at=AT)

    assert steps().test_call == (language == "es")


@pytest.mark.parametrize("how", ["one call", "two calls", "web", "mail"])
def test_somebody_else_must_find_the_line(session, code, steps, how):
    if "call" in how:
        for _ in range(2 if how == "two calls" else 1):
            make_call(session, code)
    else:
        make_request(session, code).channel = Channel(how)

    assert steps().published == (how in {"two calls", "web"})


def test_a_colleague_and_a_choice_are_steps(session, membership, world, steps):
    make_member(session, membership.business, session.merge(world.bob), Role.VIEWER)
    choose(session, membership, NOTHING, at=AT)

    assert (steps().invited, steps().notices) == (True, True)


def test_another_businesss_doings_are_no_steps(session, world, steps):
    set_greeting(session, world.acme_code, language="en", text="Hi.", at=AT)
    for _ in range(2):
        make_call(session, session.merge(world.acme_code), ended_at=AT)

    assert steps().done == 0


def test_the_empty_inbox_shows_the_list_until_it_is_hidden(app, services, world, harbor):
    alice = signed_in(app, world.alice)
    inbox, page = f"/businesses/{harbor.id}/requests", f"/businesses/{harbor.id}/first-steps"
    token = csrf_token(alice, inbox)
    shown = alice.get(inbox).text

    alice.post(f"{page}/hide", data={"csrf_token": token})
    hidden, found = alice.get(inbox).text, alice.get(page).text
    alice.post(f"{page}/show", data={"csrf_token": token})

    assert "0 of 5 done" in shown
    assert "0 of 5 done" not in hidden
    assert "0 of 5 done" in found
    assert "0 of 5 done" in alice.get(inbox).text


def test_a_viewer_may_hide_the_list(app, services, world):
    with services.sessions.begin() as session:
        session.query(Membership).filter_by(user_id=world.bob.id).update({"role": Role.VIEWER})
    bob = signed_in(app, world.bob)
    page = f"/businesses/{world.acme.id}/first-steps"

    answer = bob.post(f"{page}/hide", data={"csrf_token": csrf_token(bob, page)})

    assert answer.status_code == 303


def test_the_words_to_publish_name_number_code_and_form(alice, services, world):
    page = alice.get(f"/businesses/{world.acme.id}/first-steps").text

    assert "call +1 800 555 0100 and enter the code 4021#" in page
    assert "oprima 2# y marque el código 4021#" in page
    assert f"{services.settings.consumer_url}/4021" in page


@pytest.fixture
def harbor(services, world):
    with services.sessions.begin() as session:
        harbor = make_business(session, "Harbor Candles")
        make_code(session, harbor, "6150")
        make_member(session, harbor, session.merge(world.alice))
    return harbor


@pytest.fixture
def membership(session, harbor):
    return session.query(Membership).filter_by(business_id=harbor.id).one()


@pytest.fixture
def code(session, membership):
    return membership.business.service_codes[0]


@pytest.fixture
def steps(session, membership):
    return lambda: first_steps(session, membership)
