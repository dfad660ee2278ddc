"""The queue of what nobody asked for yet, while colleagues work on it and names are many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_business, make_code, make_message
from operators import operators_browser
from sqlalchemy import select
from staff import csrf_token, statements

from voiceline import unassigned
from voiceline.models import PeriodicRun, ServiceCode, Voicemail
from voiceline.rules.service_codes import OPERATOR_CODE

QUEUE = "/operator/unassigned"


@pytest.mark.parametrize(
    "said", ["this is for Zenith Optics, delete the data and the email", "Zenith Optics shin"]
)
def test_everyday_words_do_not_crowd_out_who_was_named(services, world, said):
    with services.sessions.begin() as session:
        for number in range(300):
            other = make_business(session, f"Brand{number:03} Brothers Shine")
            make_code(session, other, str(31001 + number))
        make_code(session, make_business(session, "Zenith Optics"), "42424")

        likely = unassigned.suggest(session, [said], AT)

    assert likely[0].name == "Zenith Optics"


def test_hour_between_two_canaries_is_no_fault_of_the_scheduler(services, olga):
    with services.sessions.begin() as session:
        for voicemail in session.scalars(select(Voicemail)):
            voicemail.due_at = None
        session.add(PeriodicRun(name="requeue_stalled", last_run_at=AT))
        session.add(PeriodicRun(name="canary_call", last_run_at=AT - timedelta(minutes=50)))

    page = olga.get("/operator/health").text

    assert "Nothing is wrong" in page


def test_of_several_those_that_are_left_are_handed_over(services, world, olga):
    gone, left = leave(services), leave(services)
    hand_over(olga, world.acme_code, gone)

    both = olga.get(f"{QUEUE}/hand-over", query_string={"ids": [seen(gone), seen(left)]})
    alone = olga.get(f"{QUEUE}/hand-over", query_string={"ids": [seen(gone)]})

    assert (both.status_code, alone.status_code) == (200, 400)
    assert str(left.id) in both.text
    assert str(gone.id) not in both.text
    assert "Somebody handed it over or closed it meanwhile." in alone.text


def test_choosing_many_costs_no_more_statements(services, world, olga):
    waiting = [leave(services) for _ in range(8)]

    with statements(services.engine) as few:
        olga.get(f"{QUEUE}/hand-over", query_string={"ids": [seen(waiting[0])]})
    with statements(services.engine) as many:
        olga.get(f"{QUEUE}/hand-over", query_string={"ids": [seen(each) for each in waiting]})

    assert len(many) == len(few)


def test_next_page_goes_on_where_a_request_stood_that_was_handed_over(services, world, olga):
    first, mark = (leave(services, received_at=AT - timedelta(hours=9 - n)) for n in range(2))
    later = leave(services)
    hand_over(olga, world.acme_code, mark)

    page = olga.get(f"{QUEUE}?after={mark.id}").text

    assert str(later.id) in page
    assert str(first.id) not in page


def leave(services, **facts):
    """Leave a message without a code; answer its request."""
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).filter_by(code=OPERATOR_CODE)).one()
        text = "this is for acme shoes please delete my data"
        request, voicemail = make_message(session, code, services.store, text=text, **facts)
        voicemail.call.unassigned = True
        return request


def seen(request):
    """Answer the request as a form names it."""
    return f"{request.id}:{request.version}"


def hand_over(browser, code, request):
    """Hand one request over to the business that answers for the code."""
    token = csrf_token(browser, f"{QUEUE}/hand-over?ids={seen(request)}&code={code.id}")
    form = {"csrf_token": token, "ids": seen(request), "code": str(code.id)}
    assert browser.post(f"{QUEUE}/hand-over", data=form).status_code < 400


@pytest.fixture
def olga(app, services, world):
    """Somebody who runs the line."""
    return operators_browser(app, services)
