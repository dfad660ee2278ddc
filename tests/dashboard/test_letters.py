"""Letters on the pages: shown before they go out, sent once, read again as they went."""

from __future__ import annotations

import re

import pytest
from factories import make_member, make_user
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline import desk
from voiceline.desk import Clerk
from voiceline.models import Delivery, Letter, PrivacyRequest, Requester, Role
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.rights import Right

WORDS = "please delete my data"
"""What the transcript of the world's request says."""


def test_owed_letter_is_named_on_the_request(alice, world, denied):
    page = alice.get(world.page).text

    assert "No letter was sent yet; it is owed by" in page
    assert "letters/write?kind=denied" in page


def test_late_letter_is_said_to_be_late(alice, world, services):
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, world.request.id)
        found.acknowledge_by = found.received_on.replace(day=1)

    page = alice.get(world.page).text

    assert "No letter was sent; it was owed by" in page


def test_letter_is_shown_before_it_goes_out(alice, world, denied):
    page = alice.get(write(world, denied))

    assert page.status_code == 200
    assert "Your request is denied." in page.text
    assert "kept for seven years" in page.text
    assert WORDS not in page.text


def test_what_is_typed_is_shown_again(alice, world, denied):
    form = form_of(alice, world, denied) | {
        "do": "preview",
        "language": "es",
        "free": "Lo sentimos <b>mucho</b>.",
        "contact": "1 Main St, Reno",
    }

    page = alice.post(write(world), data=form)

    assert page.status_code == 200
    assert "Su solicitud se deniega." in page.text
    assert "Lo sentimos &lt;b&gt;mucho&lt;/b&gt;." in page.text
    assert "Puede responder aquí: 1 Main St, Reno" in page.text


def test_letter_is_sent_as_it_was_shown(alice, world, denied, services):
    form = form_of(alice, world, denied)

    answer = alice.post(write(world), data=form | {"do": "send", "way": "email"})

    (letter,) = rows(services, Letter)
    (owed,) = [each for each in rows(services, Delivery) if each.letter_id]
    page = alice.get(f"{world.page}/letters/{letter.id}").text
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{world.page}#letters"
    assert (letter.kind, letter.way, owed.address) == (
        LetterKind.DENIED,
        Way.EMAIL,
        "maria@example.com",
    )
    assert letter.sha256 == form["seen"]
    assert "Your request is denied." in page
    assert letter.sha256 in page
    assert "On its way" in alice.get(world.page).text


def test_posted_letter_is_noted_with_its_day(alice, world, denied, services):
    form = form_of(alice, world, denied)

    alice.post(write(world), data=form | {"do": "send", "way": "post", "sent_on": "2026-11-21"})

    (letter,) = rows(services, Letter)
    assert (letter.way, str(letter.sent_on)) == (Way.POST, "2026-11-21")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"way": ""}, "Choose how it is sent"),
        ({"way": "pigeon"}, "Choose how it is sent"),
        ({"way": "post", "sent_on": "yesterday"}, "That is no date"),
        ({"way": "post", "sent_on": "2026-12-24"}, "still to come"),
        ({"way": "email", "seen": "0" * 64}, "another one by now"),
        ({"way": "email", "free": "Sorry."}, "another one by now"),
        ({"way": "email", "free": "x" * 2001}, "at most 2000 characters"),
        ({"way": "email", "contact": "x" * 201}, "at most 200 characters"),
        ({"way": "email", "version": "soon"}, "which state of the request you saw"),
        ({"way": "email", "kind": "poem"}, "cannot be written any more"),
    ],
)
def test_what_cannot_be_sent_is_said(alice, world, denied, services, typed, says):
    form = form_of(alice, world, denied) | {"do": "send"} | typed

    answer = alice.post(write(world), data=form)

    assert answer.status_code == 400
    assert says in answer.text
    assert not rows(services, Letter)


def test_second_press_is_told_of_the_first(alice, world, denied, services):
    form = form_of(alice, world, denied) | {"do": "send", "way": "email"}
    alice.post(write(world), data=form)

    answer = alice.post(write(world), data=form)

    assert answer.status_code == 409
    assert "Alice Abbott was first" in answer.text
    assert len(rows(services, Letter)) == 1


def test_letter_nobody_may_write_is_not_there(alice, world):
    assert alice.get(f"{world.page}/letters/write?kind=denied").status_code == 404
    assert alice.get(f"{world.page}/letters/write?kind=poem").status_code == 404


def test_without_an_address_post_is_left(alice, world):
    page = alice.get(f"{world.page}/letters/write?kind=acknowledgement").text

    assert "no address is known" in page
    assert re.search(r'value="email" required disabled', page)


def test_other_businesses_find_nothing(charlie, alice, world, denied, services):
    alice.post(write(world), data=form_of(alice, world, denied) | {"do": "send", "way": "email"})
    (letter,) = rows(services, Letter)
    token = csrf_token(charlie, f"/businesses/{world.bolt.id}/requests")

    answers = [
        charlie.get(write(world, denied)),
        charlie.get(f"{world.page}/letters/{letter.id}"),
        charlie.post(write(world), data={"csrf_token": token, "kind": "denied", "do": "send"}),
        charlie.get(f"/businesses/{world.bolt.id}/requests/{world.foreign.id}/letters/{letter.id}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_viewer_reads_and_sends_nothing(app, world, denied, services):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vale")
        make_member(session, world.acme, vera, Role.VIEWER)
    viewer = signed_in(app, vera)
    token = csrf_token(viewer, world.page)

    page = viewer.get(world.page).text
    answers = [
        viewer.get(write(world, denied)),
        viewer.post(write(world), data={"csrf_token": token, "kind": "denied", "do": "send"}),
    ]

    assert "letters/write" not in page
    assert [answer.status_code for answer in answers] == [403, 403]
    assert not rows(services, Letter)


def write(world, right=None) -> str:
    address = f"{world.page}/letters/write"
    return f"{address}?kind=denied&right={right}" if right else address


def form_of(client, world, right) -> dict[str, str]:
    """Answer the form as a browser would send it."""
    page = client.get(write(world, right)).text
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.split("<main")[1]))


def rows(services, table):
    with services.sessions() as session:
        return session.scalars(select(table)).all()


@pytest.fixture
def denied(services, world, clock):
    """Answer the id of the right that Alice refused, of a consumer with an address."""
    reason = Reason(Code.TAX_DOCUMENTS, "Invoices of 2025 are kept for seven years.")
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, world.request.id)
        found.requester = Requester(
            business_id=found.business_id, name="Maria", email="maria@example.com"
        )
        session.flush()
        user = session.merge(world.alice)
        right = next(each for each in found.rights if each.right == Right.DELETE)
        desk.deny(session, found, Clerk(user, clock(), found.version), right, reasons=[reason])
        return right.id
