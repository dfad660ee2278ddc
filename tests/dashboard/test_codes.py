"""The service codes of a business: another one, its brand, and its end (D30)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import make_code, unknown_id
from mailed import send
from sqlalchemy import select
from staff import signed_in

from voiceline.models import AuditEntry, Business, ServiceCode
from voiceline.rules.retention import AccountTier

NOT_TO_BE_HAD = [
    *("0", "911", "411", "20001", "900000", "123456789", "4O21", ""),
    *("4110", "5077", "1", "31"),
]
"""Codes that callers cannot key, that are somebody's, and that an operator alone gives."""


def test_suggested_code_is_taken_with_a_brand(alice, world, services):
    suggested = alice.get(codes(world)).text.partition('name="code"')[2].partition('value="')[2][:5]

    answer = send(alice, codes(world), code=suggested, brand=" Acme  Sports ")

    assert answer.location.endswith("said=taken")
    with services.sessions() as session:
        taken = session.scalars(select(ServiceCode).where(ServiceCode.code == suggested)).one()
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "code.assigned")
        ).one()
    assert (taken.business_id, taken.brand) == (world.acme.id, "Acme Sports")
    assert entry.actor_id == world.alice.id


@pytest.mark.parametrize(
    "code",
    ["0", "911", "411", "4110", "5077", "1", "31", "20001", "900000", "123456789", "4O21", ""],
)
def test_d30_taken_reserved_and_malformed_are_one_answer(alice, world, services, code):
    if code == "4110":
        with services.sessions.begin() as session:
            make_code(session, session.get_one(Business, world.bolt.id), "4110")

    answer = send(alice, codes(world), code=code)

    assert answer.status_code == 422
    said = answer.text.partition('role="alert"')[2].partition("<p>")[2].partition("</p>")[0]
    assert said == f"Code {code} is not available: choose another."
    assert "Bolt" not in answer.text


def test_withdrawn_code_of_one_s_own_is_not_given_again(alice, world, services):
    withdraw(alice, world, world.acme_code)

    answer = send(alice, codes(world), code="4021")

    assert answer.status_code == 422


@pytest.mark.parametrize(("tier", "most"), [(AccountTier.TRIAL, 3), (AccountTier.SMALL_MEDIUM, 10)])
def test_tier_says_how_many_codes_answer(alice, world, services, tier, most):
    with services.sessions.begin() as session:
        business = session.get_one(Business, world.acme.id)
        business.tier = tier
        for number in range(most - 2):
            make_code(session, business, f"3400{number}")

    last = send(alice, codes(world), code="34100")
    beyond = send(alice, codes(world), code="34101")

    assert (last.status_code, beyond.status_code) == (303, 422)
    assert f"All {most} codes" in alice.get(codes(world)).text


def test_codes_that_are_taken_and_withdrawn_have_a_pace(alice, world, services, clock):
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).tier = AccountTier.TRIAL
    for number in range(5):
        assert send(alice, codes(world), code=f"3410{number}").status_code == 303
        with services.sessions.begin() as session:
            taken = select(ServiceCode).where(ServiceCode.code == f"3410{number}")
            session.scalars(taken).one().withdrawn_at = clock()

    beyond = send(alice, codes(world), code="34109")
    clock.wait(timedelta(days=1))
    later = send(signed_in(alice.application, world.alice), codes(world), code="34109")

    assert beyond.status_code == 422
    assert "Take the next one in 24 hours" in beyond.text
    assert later.status_code == 303


def test_brand_that_nobody_can_see_is_refused(alice, world, services):
    answer = send(alice, codes(world), f"{codes(world)}/{world.acme_code.id}/brand", brand="\0")

    assert answer.status_code == 422


def test_withdrawn_code_answers_no_more_and_says_what_it_meant(alice, world, services, clock):
    page = alice.get(f"{codes(world)}/{world.acme_code.id}/withdraw").text

    answers = [withdraw(alice, world, world.acme_code) for _ in range(2)]

    assert "It is your last code" in page
    assert [answer.status_code for answer in answers] == [303, 303]
    with services.sessions() as session:
        code = session.get_one(ServiceCode, world.acme_code.id)
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "code.withdrawn")
        ).all()
        assert not code.answers(clock())
    assert len(entries) == 1
    assert "No code answers" in alice.get(codes(world)).text


def test_brand_is_named_and_taken_back(alice, world, services):
    path = f"{codes(world)}/{world.acme_code.id}/brand"

    send(alice, codes(world), path, brand="Acme <b>Sports</b>")
    page = alice.get(codes(world)).text
    send(alice, codes(world), path, brand="  ")

    assert "Acme &lt;b&gt;Sports" in page
    with services.sessions() as session:
        assert session.get_one(ServiceCode, world.acme_code.id).brand is None


def test_foreign_and_missing_codes_are_one_answer(alice, world, services):
    ids = (world.bolt_code.id, unknown_id())

    pages = [alice.get(f"{codes(world)}/{id_}/withdraw") for id_ in ids]
    sent = [
        send(alice, codes(world), f"{codes(world)}/{id_}/{what}")
        for id_ in ids
        for what in ("withdraw", "brand")
    ]

    assert {answer.status_code for answer in (*pages, *sent)} == {404}
    assert pages[0].data == pages[1].data
    with services.sessions() as session:
        assert session.get_one(ServiceCode, world.bolt_code.id).withdrawn_at is None


def test_agents_read_codes_and_change_none(bob, world):
    page = bob.get(codes(world))
    sent = [
        send(bob, codes(world), to)
        for to in (codes(world), f"{codes(world)}/{world.acme_code.id}/withdraw")
    ]

    assert "4021" in page.text
    assert "Take this code" not in page.text
    assert [answer.status_code for answer in sent] == [403, 403]


def withdraw(client, world, code):
    return send(client, codes(world), f"{codes(world)}/{code.id}/withdraw")


def codes(world):
    return f"/businesses/{world.acme.id}/codes"
