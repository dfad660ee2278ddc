"""The page on which a colleague enters a request that came by mail, by e-mail or in person."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from factories import make_member, make_request, make_user
from sqlalchemy import func, select
from staff import csrf_token, signed_in, statements

from voiceline.models import PrivacyRequest, Requester, Role

LETTER = {
    "channel": "mail",
    "received_on": "2026-11-16",
    "code": "4021",
    "language": "es",
    "rights": ["delete", "opt_out"],
    "name": "  Dana\u202e   Diaz ",
    "email": "Dana@Example.com",
    "phone": "(415) 555-0123",
    "residence": "US-CA",
    "standing": "agent",
    "consumer_name": "Eva Diaz",
    "postal_address": "5 Elm Street\nSacramento",
    "details": "<script>alert(1)</script> borren mis datos",
}


def test_what_was_entered_is_filed_and_shown(alice, world, services):
    answer = send(alice, world)

    page = alice.get(answer.headers["Location"]).text
    request = only_request(services, world)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(str(request.id))
    assert request.received_on.isoformat() == "2026-11-16"
    assert "Alice Abbott" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_facts_are_kept_as_they_can_be_used(alice, world, services):
    send(alice, world)

    with services.sessions() as session:
        asker = session.scalars(select(Requester)).one()
    assert (asker.name, asker.email) == ("Dana Diaz", "dana@example.com")
    assert (asker.phone, asker.consumer_name) == ("+14155550123", "Eva Diaz")


def test_a_double_click_files_once(alice, world, services):
    form = str(uuid4())

    answers = [send(alice, world, form=form) for _ in range(2)]

    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert only_request(services, world)


def test_what_came_long_ago_is_overdue_at_once(alice, world):
    answer = send(alice, world, received_on="2026-08-01")

    page = alice.get(answer.headers["Location"]).text

    assert "badge overdue" in page
    assert "1 overdue" in alice.get(world.inbox).text


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("received_on", "2026-11-22", "2026-11-22 is still to come"),
        ("received_on", "2019-12-31", "2019-12-31 is before the law"),
        ("received_on", "0001-01-01", "is before the law"),
        ("received_on", "", "Say on which day it reached you"),
        ("received_on", "soon", "That is no date"),
        ("channel", "phone", "Choose how it came from the list"),
        ("channel", "", "Choose how it came from the list"),
        ("rights", ["delete", "fly"], "Choose what is asked for from the list"),
        ("rights", ["appeal"], "Choose what is asked for from the list"),
        ("residence", "US-XX", "Choose a place from the list"),
        ("standing", "friend", "Choose for whom it is asked from the list"),
        ("language", "tlh", "Choose the language from the list"),
        ("email", "dana at example", "That is no e-mail address"),
        ("phone", "call me", "That is no telephone number"),
        ("name", "x" * 201, "That is too long: at most 200 characters"),
        ("details", "x" * 10_001, "That is too long: at most 10,000 characters"),
        ("form", "once", "We cannot tell whether this was sent before"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(alice, world, services, field, typed, sentence):
    answer = send(alice, world, **{field: typed})

    assert answer.status_code == 400
    assert sentence in answer.text
    assert 'role="alert"' in answer.text
    assert field == "details" or "borren mis datos" in answer.text
    assert only_request(services, world) is None


def test_all_that_is_wrong_is_said_at_once(alice, world):
    answer = send(alice, world, email="x", phone="y", received_on="")

    assert len(re.findall(r'<li><a href="#', answer.text)) == 3


def test_nothing_needs_to_be_known_but_door_day_and_language(alice, world, services):
    form = {"channel": "in_person", "received_on": "2026-11-21", "language": "en", "code": "4021"}
    token = csrf_token(alice, f"{world.inbox}/new")

    answer = alice.post(
        f"{world.inbox}/new", data=form | {"form": str(uuid4()), "csrf_token": token}
    )

    assert answer.status_code == 303
    assert [right.right for right in only_request(services, world).rights] == [None]


def test_anothers_code_is_no_code(alice, world, services):
    answer = send(alice, world, code=world.bolt_code.code)

    assert answer.status_code == 404
    assert only_request(services, world) is None


def test_charlie_enters_nothing_at_acme(charlie, world):
    answers = [charlie.get(f"{world.inbox}/new"), send(charlie, world)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_viewer_reads_only(app, services, world):
    with services.sessions.begin() as session:
        viewer = make_user(session, "Vera Vance")
        make_member(session, world.acme, viewer, Role.VIEWER)
    browser = signed_in(app, viewer)

    answers = [browser.get(f"{world.inbox}/new"), send(browser, world)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "Enter a request" not in browser.get(world.inbox).text


def test_without_the_forms_token_nothing_is_filed(alice, world):
    assert alice.post(f"{world.inbox}/new", data=LETTER).status_code == 400


def test_who_may_be_the_same_is_shown_as_unverified(alice, world, services):
    send(alice, world, phone="+1 415 555 0123", email="")

    page = alice.get(world.page).text

    assert "May be the same person" in page
    assert "Unverified" in page
    assert "same telephone number" in page


def test_related_requests_cost_two_statements(alice, world, services):
    alice.get(world.page)
    with statements(services.engine) as alone:
        alice.get(world.page)
    send(alice, world, phone="+1 415 555 0123")
    with services.sessions.begin() as session:
        for _ in range(20):
            session.add(
                Requester(
                    business_id=world.acme.id,
                    request_id=make_request(session, session.merge(world.acme_code)).id,
                    phone="+14155550123",
                )
            )

    with statements(services.engine) as asked:
        page = alice.get(world.page).text

    assert "21 in all" in page
    assert len(asked) <= len(alone) + 1


def send(browser, world, **facts):
    token = csrf_token(browser, f"{world.inbox}/new")
    form = {"form": str(uuid4()), "csrf_token": token} | LETTER | facts
    return browser.post(f"{world.inbox}/new", data=form)


def only_request(services, world) -> PrivacyRequest | None:
    """Answer the one that was entered, besides those that called."""
    with services.sessions() as session:
        entered = session.scalars(
            select(PrivacyRequest).where(PrivacyRequest.channel != "phone")
        ).all()
        for each in entered:
            assert each.rights
        assert session.scalar(select(func.count()).select_from(PrivacyRequest)) == 2 + len(entered)
    return entered[0] if entered else None
