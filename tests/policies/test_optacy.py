"""The Optacy policy (15 April 2020); L is a line of its text, as docs/policies.md lists them."""

from __future__ import annotations

from datetime import date

import pytest
from desks import THREE_POINTS, TWO_POINTS
from factories import AT, make_code, make_voicemail
from sqlalchemy import select

from voiceline import desk
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code, find_service_code
from voiceline.errors import DenialError, IdentityError, UserError
from voiceline.greetings import set_greeting
from voiceline.models import Greeting, RequestRecord, Voicemail
from voiceline.record_files import COLUMNS
from voiceline.rules.denials import Code, Reason
from voiceline.rules.identity import Evidence, Method
from voiceline.rules.rights import RIGHTS, WITHOUT_VERIFICATION, Right, Verification
from voiceline.rules.standings import STANDINGS, Proof, Standing

ALL = [right for right in Right if right not in {Right.STATUS, Right.APPEAL}]


@pytest.mark.parametrize("right", ALL)
def test_l3_every_request_is_accepted_and_brought_to_an_end(office, right):
    request = office.is_written_to(right)
    if right == Right.OPT_IN:
        office.do(desk.verify_identity, request, Evidence(Method.CONFIRMATION))
    elif right not in WITHOUT_VERIFICATION:
        office.do(desk.verify_identity, request, THREE_POINTS)

    office.do(desk.complete, request, request.rights[0], done="Done.")

    assert request.status == "completed"


def test_l28_dates_are_those_of_where_the_business_is(open_office):
    office = open_office("Optacy East", "4106", "privacy@optacy.example", time_zone="Asia/Tokyo")

    assert office.is_called(Right.DELETE).received_on == date(2026, 11, 22)


def test_l60_log_stays_when_the_message_is_deleted(session, office):
    request = office.is_called(Right.DELETE)
    voicemail = make_voicemail(session, request.call)

    session.delete(voicemail)
    session.flush()

    assert session.scalars(select(Voicemail)).all() == []
    assert session.scalars(select(RequestRecord)).one().reference == request.reference


def test_l79_opting_out_is_for_anybody_and_needs_no_proof(office):
    request = office.is_called(Right.OPT_OUT)

    with pytest.raises(IdentityError):
        office.do(desk.verify_identity, request, TWO_POINTS)
    office.do(desk.complete, request, request.rights[0], done="Opted out.")

    assert request.status == "completed"


def test_l80_under_thirteen_a_parent_asks_and_from_thirteen_the_child():
    parent, minor = STANDINGS[Standing.PARENT], STANDINGS[Standing.MINOR]

    assert (parent.proof, minor.proof) == (Proof.PARENTHOOD, Proof.NONE)
    assert parent.needs_trained_person
    assert minor.needs_trained_person
    assert RIGHTS[Right.OPT_IN].verification == Verification.TWO_STEP


def test_l80_no_child_is_opted_in_but_by_the_parent(office):
    request = office.is_written_to(Right.OPT_IN)
    office.do(desk.set_standing, request, Standing.PARENT)
    office.do(desk.verify_identity, request, Evidence(Method.CONFIRMATION))

    with pytest.raises(IdentityError, match="it is asked for a child"):
        office.do(desk.complete, request, request.rights[0], done="Opted in.")
    office.do(desk.verify_identity, request, Evidence(Method.PARENTHOOD))
    office.do(desk.complete, request, request.rights[0], done="Opted in.")

    assert request.status == "completed"


@pytest.mark.parametrize("standing", [Standing.PARENT, Standing.MINOR, Standing.AGENT])
def test_l80_who_asks_for_whom_is_noted(office, standing):
    request = office.is_written_to(Right.OPT_OUT, standing=standing, consumer_name="Eva")

    assert (request.standing, request.requester.consumer_name) == (standing, "Eva")


def test_l87_each_service_code_has_its_greeting(session, office):
    other = make_code(session, office.code.business, "4105", brand="Optacy Kids")
    set_greeting(session, other, language="en", text="You have reached Optacy Kids.", at=AT)

    greetings = session.scalars(select(Greeting)).all()

    texts = {each.service_code_id: each.text for each in greetings}
    assert texts[office.code.id] != texts[other.id]


def test_l105_service_code_1_is_the_operators(session, office):
    assert find_service_code(session, "1").business.name == "Operator"
    with pytest.raises(UserError):
        assign_code(session, office.code.business, "1", by=OPERATOR, at=AT)


@pytest.mark.parametrize("right", [Right.KNOW_SPECIFIC, Right.DELETE, Right.CORRECT])
def test_l109_who_asks_is_verified_before_the_answer(office, right):
    request = office.is_called(right)

    with pytest.raises(IdentityError):
        office.do(desk.complete, request, request.rights[0], done="Done.")
    office.do(desk.verify_identity, request, THREE_POINTS)
    office.do(desk.complete, request, request.rights[0], done="Done.")

    assert request.status == "completed"


def test_l108_categories_are_told_to_who_asks_all_the_same(office):
    assert [each.right for each in office.is_called(Right.KNOW_CATEGORIES).rights] == [
        Right.KNOW_CATEGORIES
    ]


def test_l109_what_is_not_deleted_has_an_exemption(office):
    request = office.is_called(Right.DELETE)

    with pytest.raises(DenialError, match=r"^A refusal needs a reason"):
        office.do(desk.deny, request, request.rights[0], reasons=[])
    reasons = [Reason(Code.LEGAL_OBLIGATION, "Invoices are kept for seven years.")]
    office.do(desk.deny, request, request.rights[0], reasons=reasons)

    assert request.rights[0].reasons[0]["citation"]


def test_l110_nothing_of_a_price_is_kept_with_a_request():
    words = " ".join((*RequestRecord.__table__.c.keys(), *COLUMNS))

    assert not {"price", "fee", "discount", "score"} & set(words.replace("_", " ").split())


@pytest.mark.parametrize("right", [Right.DELETE, Right.KNOW_SPECIFIC, Right.OPT_OUT])
def test_l112_in_writing_and_by_phone_have_the_same_dates(office, right):
    called = office.is_called(right)

    written = office.is_written_to(right, received_on=date(2026, 11, 21))

    assert written.received_on == called.received_on
    assert (written.respond_by, written.acknowledge_by) == (
        called.respond_by,
        called.acknowledge_by,
    )
    assert written.rights[0].due_records == called.rights[0].due_records


@pytest.fixture
def office(open_office):
    return open_office("Optacy", "4104", "privacy@optacy.example")
