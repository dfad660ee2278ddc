"""The pages of legal holds: who sees and presses what, and what a request says of one."""

from __future__ import annotations

import pytest
from factories import make_member, make_user
from mailed import send
from sqlalchemy import select
from staff import signed_in

from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import LegalHold, Role, Voicemail

REASON = "Moreno v. Acme: asked by counsel."


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/legal-holds"


@pytest.fixture
def form(world):
    return f"{world.page}/legal-hold"


@pytest.fixture
def adam(app, services, world):
    with services.sessions.begin() as session:
        made = make_user(session, "Adam Abel")
        make_member(session, session.merge(world.acme), made, Role.ADMIN)
    return signed_in(app, made)


def the_hold(services) -> LegalHold | None:
    with services.sessions() as session:
        return session.scalars(select(LegalHold)).one_or_none()


def is_held(services, world) -> bool:
    with services.sessions() as session:
        return session.get_one(Voicemail, world.voicemail.id).held


def test_a_request_is_held_from_its_page(alice, world, form, services):
    before = alice.get(world.page).text
    answer = send(alice, form, reason=REASON)
    after = alice.get(answer.location).text

    assert "Kept until" in before
    assert form in before
    assert answer.location == world.page
    assert "Under a legal hold: it stays until that is lifted." in after
    assert "Kept until" not in after
    assert is_held(services, world)


def test_the_form_says_who_holds_it_already(alice, form):
    send(alice, form, reason=REASON)

    shown = alice.get(form).text

    assert "is under a legal hold" in shown
    assert REASON in shown
    assert "Placed by Alice Abbott" in shown


def test_without_a_reason_it_says_so_and_keeps_nothing(alice, form, services):
    answer = send(alice, form, reason="  ")

    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert the_hold(services) is None


def test_the_list_lifts_it(alice, form, page, services, world):
    send(alice, form, reason=REASON)

    answer = send(alice, page, f"{page}/{the_hold(services).id}/lift")
    shown = alice.get(answer.location).text

    assert "stays at least 30 days more" in shown
    assert "Nothing is under a legal hold." in shown
    assert "lifted by Alice Abbott" in shown
    assert not is_held(services, world)


def test_everything_is_held_by_an_owner(alice, page, services, world):
    answer = send(alice, page, reason=REASON)
    shown = alice.get(answer.location).text

    assert "Everything of Acme Shoes" in shown
    assert "Hold everything" not in shown
    assert is_held(services, world)


def test_an_admin_lifts_no_hold_on_everything(alice, adam, page, services, world):
    send(alice, page, reason=REASON)

    answer = send(adam, page, f"{page}/{the_hold(services).id}/lift")

    assert answer.status_code == 422
    assert is_held(services, world)
    assert "An owner can lift the hold on everything." in adam.get(page).text


def test_an_agent_sees_that_it_is_held_and_changes_nothing(alice, bob, world, form, page):
    send(alice, form, reason=REASON)

    shown = bob.get(world.page).text

    assert "Under a legal hold" in shown
    assert form not in shown
    assert bob.get(form).status_code == 403
    assert bob.get(page).status_code == 403


@pytest.mark.parametrize("what", ["all", "lift"])
def test_it_asks_who_is_there(alice, form, page, services, clock, what):
    send(alice, form, reason=REASON)
    clock.wait(CONFIRMED_FOR)

    to = page if what == "all" else f"{page}/{the_hold(services).id}/lift"
    answer = send(alice, page, to, reason=REASON)

    assert answer.location == f"/confirm?next={page}"
    assert the_hold(services).lifted_at is None


def test_the_reason_is_still_there_after_the_proof(alice, page, clock):
    clock.wait(CONFIRMED_FOR)

    send(alice, page, reason=REASON)
    shown = alice.get(page).text

    assert f">{REASON}</textarea>" in shown
    assert "Nothing was sent yet" in shown


def test_another_business_sees_and_lifts_nothing(alice, charlie, form, page, services, world):
    send(alice, form, reason=REASON)
    own = page.replace(str(world.acme.id), str(world.bolt.id))

    for path in (page, own):
        answer = send(charlie, own, f"{path}/{the_hold(services).id}/lift")
        assert answer.status_code == 404
    assert REASON not in charlie.get(own).text
    assert charlie.get(form).status_code == 404
