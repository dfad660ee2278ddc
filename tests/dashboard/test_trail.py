"""The audit trail's page: admins and owners read it, page by page, and can check it elsewhere."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from factories import AT, make_member, make_user, unknown_id
from sqlalchemy import select
from staff import csrf_token, signed_in, statements

from voiceline import audit
from voiceline.audit import SYSTEM, Action, Deed
from voiceline.audit.encoding import sha256
from voiceline.dashboard.deeds import DEEDS
from voiceline.dashboard.trail import ROWS, facts_of
from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import AuditEntry, AuditName, Role


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/trail"


def test_every_action_is_said_in_words():
    assert set(DEEDS) == {action.value for action in Action}


def test_it_says_who_heard_a_message(alice, bob, world, page):
    bob.get(world.audio, headers={"Range": "bytes=0-"})

    text = alice.get(page).text

    assert "Listened to the message" in text
    assert "Bob Baker" in text


def test_one_request_has_a_trail_of_its_own(alice, bob, world, page):
    bob.get(world.page)

    text = alice.get(
        f"{page}?request={world.request.reference[:3]}-{world.request.reference[3:]}"
    ).text

    assert "Opened the request" in text
    assert "Signed in" not in text


@pytest.mark.parametrize("asked", ["000000000", "no reference", "'; drop", "٣٣٣"])
def test_an_unknown_reference_is_said_to_be_unknown(alice, page, asked):
    answer = alice.get(page, query_string={"request": asked})

    assert answer.status_code == 200
    assert "There is no request" in answer.text


def test_a_foreign_reference_is_as_unknown(alice, world, page):
    text = alice.get(f"{page}?request={world.foreign.reference}").text

    assert "There is no request" in text
    assert str(world.foreign.id) not in text


def test_pages_follow_one_another_without_a_gap(alice, services, world, page):
    with services.sessions.begin() as session:
        deed = Deed(world.acme.id, Action.METRICS_HIDDEN, SYSTEM, AT, audit.about(world.acme))
        audit.write(session, *[deed] * (ROWS + 5))

    first = alice.get(page).text
    older = first.partition("?before=")[2].partition('"')[0]
    second = alice.get(f"{page}?before={older}").text

    assert f"<td>{older}</td>" in first
    assert f"<td>{int(older) - 1}</td>" in second
    assert "Back to the newest" in second


@pytest.mark.parametrize("before", ["0", "-1", "abc", "9" * 40, "1e3"])
def test_what_is_no_page_is_the_beginning_or_the_end(alice, page, before):
    assert alice.get(f"{page}?before={before}").status_code == 200


def test_lines_are_those_that_were_hashed(alice, services, world, page):
    lines = take(alice, page).text.splitlines()

    with services.sessions() as session:
        mine = AuditEntry.business_id == world.acme.id
        hashes = session.scalars(select(AuditEntry.entry_hash).where(mine)).all()
    assert {sha256(line) for line in lines} == set(hashes)


def test_taking_it_away_is_an_entry(alice, page):
    take(alice, page)

    assert "Took the audit trail away" in alice.get(page).text


def test_an_erased_name_is_said_to_be(alice, bob, services, world, page):
    bob.get(world.page)
    with services.sessions.begin() as session:
        for name in session.scalars(select(AuditName).where(AuditName.user_id == world.bob.id)):
            session.delete(name)

    assert "name erased" in alice.get(page).text


@pytest.mark.parametrize(
    ("role", "code"), [(Role.VIEWER, 403), (Role.AGENT, 403), (Role.ADMIN, 200)]
)
def test_it_is_for_admins_and_owners(app, services, world, page, role, code):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vance")
        make_member(session, session.merge(world.acme), vera, role)

    assert signed_in(app, vera).get(page).status_code == code
    assert take(signed_in(app, vera), page).status_code == code


def test_no_link_takes_it_away(alice, page):
    answers = [alice.get(f"{page}/lines.txt"), alice.post(f"{page}/lines.txt")]

    assert [answer.status_code for answer in answers] == [405, 400]
    assert "Took the audit trail away" not in alice.get(page).text


def test_who_takes_it_proves_to_be_there(alice, clock, page):
    clock.wait(CONFIRMED_FOR)

    answer = take(alice, page)

    assert answer.location == f"/confirm?next={page}"
    assert "Took the audit trail away" not in alice.get(page).text


def test_a_stranger_finds_nothing(charlie, page):
    assert charlie.get(page).status_code == 404


def test_it_costs_the_same_however_long_it_is(alice, services, world, page):
    alice.get(page)
    with statements(services.engine) as before:
        alice.get(page)
    with services.sessions.begin() as session:
        deed = Deed(world.acme.id, Action.METRICS_HIDDEN, SYSTEM, AT, audit.about(world.acme))
        audit.write(session, *[deed] * 60)

    with statements(services.engine) as after:
        alice.get(page)

    assert len(after) == len(before)


def take(client, page):
    return client.post(f"{page}/lines.txt", data={"csrf_token": csrf_token(client, "/businesses")})


@pytest.mark.parametrize(
    ("action", "facts", "said"),
    [
        ("request.completed", {"right": "know_specific"}, "right: Copy of what is held"),
        ("request.verified", {"right": None, "method": "email_link"}, "method: email link"),
        ("request.assigned", {"right": None, "to": str(unknown_id())}, ""),
        ("person.role_changed", {"from": "agent", "to": "admin"}, "from: agent, to: admin"),
        ("business.setting_changed", {"on": True}, "on: yes"),
    ],
)
def test_facts_are_said_in_words(action, facts, said):
    entry = SimpleNamespace(action=action, facts=json.dumps(facts))

    assert facts_of(SimpleNamespace(entry=entry)) == said
