"""F30: the status tells what the telephone tells, and does not let itself be searched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from factories import make_call, make_request
from sqlalchemy import select
from staff import statements
from visitors import reference_in

from voiceline.models import Allowance, PrivacyRequest, ServiceCode
from voiceline.rules.references import check_digit

ENDED = datetime(2026, 12, 3, 5, tzinfo=UTC)
"""A moment of the 2nd where the business is, and of the 3rd in UTC."""


def test_reference_of_the_form_is_followed(public):
    reference = reference_in(public.receipt().text)

    told = ask(public, reference)

    assert "received on November 21, 2026 and has been acknowledged" in told.text
    assert "an answer by January 5, 2027" in told.text


@pytest.mark.parametrize("became", ["complete", "deny", "withdraw"])
def test_reference_of_the_telephone_is_followed(public, services, became):
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
        request = make_request(session, code)
        facts = {"at": ENDED} if became == "withdraw" else {"at": ENDED, "by": None}
        getattr(request, became)(**facts)

    told = ask(public, request.reference)

    assert "on December 2, 2026" in told.text
    assert "You will have an answer by" not in told.text


def test_message_on_its_way_has_a_status(public, services):
    with services.sessions.begin() as session:
        code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
        make_call(session, code, reference=valid("11111111"))

    told = ask(public, valid("11111111"))

    assert "received on November 21, 2026" in told.text


@pytest.mark.parametrize("written", ["{a}-{b}-{c}", " {a} {b} {c} ", "{a}.{b}.{c}"])
def test_reference_is_read_as_it_is_written(public, written):
    reference = reference_in(public.receipt().text)

    told = ask(public, written.format(a=reference[:3], b=reference[3:6], c=reference[6:]))

    assert told.status_code == 200


def test_f30_status_tells_nothing_else(public):
    reference = reference_in(public.receipt().text)

    told = ask(public, reference).text

    assert not [word for word in ("Acme", "Delete", "maria", "L\u00f3pez") if word in told]


@pytest.mark.parametrize("typed", ["", "abc", "12345678", "123456789", "%00", "\u0661" * 9])
def test_f30_unknown_references_look_and_cost_alike(public, services, typed):
    with statements(services.engine) as first:
        missing = ask(public, valid("00000001"))
    public.clock.wait(timedelta(minutes=11))

    with statements(services.engine) as second:
        odd = ask(public, typed)

    assert missing.status_code == odd.status_code == 404
    assert body(odd, typed) == body(missing, valid("00000001"))
    assert len(first) == len(second)


def test_f30_known_reference_costs_as_much(public, services):
    reference = reference_in(public.receipt().text)
    with statements(services.engine) as known:
        ask(public, reference)

    with statements(services.engine) as unknown:
        ask(public, valid("00000001"))

    assert len(known) == len(unknown)


def test_f30_guessing_is_ended(public):
    reference = reference_in(public.receipt().text)
    for number in range(5):
        ask(public, valid(f"{number:08d}"))

    refused = ask(public, reference)
    public.clock.wait(timedelta(minutes=2))
    later = ask(public, reference)

    assert (refused.status_code, later.status_code) == (429, 200)
    assert "Too many references were tried" in refused.text


def test_f30_guessing_from_one_household_ends(public):
    for number in range(5):
        public.client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number}"
        ask(public, valid(f"{number:08d}"))
    public.client.environ_base["REMOTE_ADDR"] = "2001:db8:1:2:a:b:c:d"

    refused = ask(public, valid("00000009"))
    public.client.environ_base["REMOTE_ADDR"] = "2001:db8:1:3::1"
    neighbour = ask(public, valid("00000009"))

    assert (refused.status_code, neighbour.status_code) == (429, 404)


def test_no_table_lists_who_asked(public, services):
    ask(public, valid("00000001"))

    with services.sessions() as session:
        keys = session.scalars(select(Allowance.key)).all()
    assert not [key for key in keys if "127.0.0.1" in key]


def test_reference_is_in_no_address(public, services):
    answer = public.client.get("/status", query_string={"reference": "123456782"})

    with services.sessions() as session:
        assert session.scalars(select(PrivacyRequest)).all() == []
    assert "123456782" not in answer.text.replace("123-456-782", "")


def ask(public, reference):
    return public.client.post("/status", data={"reference": reference})


def body(answer, typed):
    return answer.text.replace(f'value="{typed}"', "")


def valid(digits):
    return digits + check_digit(digits)
