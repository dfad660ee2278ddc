"""The link that confirms an e-mail address: opening it changes nothing, the button does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from voiceline.audit.reading import entries_of
from voiceline.email_links import draw_link
from voiceline.models import EventKind, PrivacyRequest, Requester


def test_opening_the_link_confirms_nothing(public, link, requester):
    pages = [public.client.get(link), public.client.head(link), public.client.get(link)]

    assert {page.status_code for page in pages} == {200}
    assert "Yes, this is my address" in pages[0].text
    assert requester().email_confirmed_at is None


def test_button_confirms_the_address(public, link, requester, clock):
    answer = public.client.post(link)
    page = public.client.get(answer.headers["Location"])

    assert answer.status_code == 303
    assert "Your e-mail address is confirmed" in page.text
    assert requester().email_confirmed_at == clock()


def test_confirmed_twice_is_one_confirmation(public, link, requester, clock, services):
    public.client.post(link)
    first = clock()
    clock.wait(timedelta(hours=1))

    again = public.client.post(link)

    with services.sessions() as session:
        request = session.scalars(select(PrivacyRequest)).one()
        kinds = [event.kind for event in request.events]
        trail = [one.entry.action for one in entries_of(session, request.business_id)]
    assert again.status_code == 303
    assert requester().email_confirmed_at == first
    assert kinds.count(EventKind.EMAIL_CONFIRMED) == 1
    assert trail.count("request.email_confirmed") == 1


def test_confirmation_moves_no_date(public, link, services):
    before = dates(services)

    public.client.post(link)

    assert dates(services) == before


def test_link_works_for_a_week(public, link, clock, requester):
    clock.wait(timedelta(days=6, hours=23))
    in_time = public.client.get(link)
    clock.wait(timedelta(hours=2))

    late = public.client.post(link)

    assert in_time.status_code == 200
    assert late.status_code == 404
    assert "This link does not work any more" in late.text
    assert requester().email_confirmed_at is None


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "\u00e9" * 43, "." * 3000])
def test_link_that_never_was_is_gone_too(public, link, token):
    answers = [public.client.get(f"/confirm/{token}"), public.client.post(f"/confirm/{token}")]

    assert {answer.status_code for answer in answers} == {404}
    assert "This link does not work any more" in answers[0].text


def test_link_to_an_address_of_before_confirms_nothing(public, link, services, requester):
    with services.sessions.begin() as session:
        session.scalars(select(Requester)).one().email = "other@example.com"

    public.client.post(link)

    assert requester().email_confirmed_at is None


def dates(services):
    with services.sessions() as session:
        request = session.scalars(select(PrivacyRequest)).one()
        return request.received_at, request.acknowledge_by, request.respond_by, request.status


@pytest.fixture
def link(public, services, clock) -> str:
    """Answer the address in a message that was sent for María's request."""
    public.receipt()
    with services.sessions.begin() as session:
        request = session.scalars(select(PrivacyRequest)).one()
        draw_link(session, request, "maria@example.com", token="t" * 43, at=clock())
    return f"/confirm/{'t' * 43}"


@pytest.fixture
def requester(services):
    def requester() -> Requester:
        with services.sessions() as session:
            return session.scalars(select(Requester)).one()

    return requester
