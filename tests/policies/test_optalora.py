"""The Optalora policy (21 June 2025): everything on-line, by e-mail, at any time."""

from __future__ import annotations

import pytest
from desks import THREE_POINTS
from sqlalchemy import select

from voiceline import desk
from voiceline.models import Delivery
from voiceline.rules.rights import RIGHTS, WITHOUT_VERIFICATION, Right

ASKED = [Right.KNOW_SPECIFIC, Right.PORTABILITY, Right.CORRECT, Right.DELETE]


@pytest.mark.parametrize("right", ASKED)
def test_access_export_correction_and_deletion_at_any_time(office, right):
    request = office.is_written_to(right, residence="EU")
    office.do(desk.verify_identity, request, THREE_POINTS)

    office.do(desk.complete, request, request.rights[0], done="Done.")

    assert (request.jurisdiction, request.status) == ("EU", "completed")


def test_consent_is_withdrawn_without_a_proof(office):
    request = office.is_written_to(Right.WITHDRAW_CONSENT)

    office.do(desk.complete, request, request.rights[0], done="Withdrawn.")

    assert Right.WITHDRAW_CONSENT in WITHOUT_VERIFICATION
    assert RIGHTS[Right.WITHDRAW_CONSENT].clock == "consent"
    assert request.status == "completed"


def test_who_publishes_no_number_is_written_to(office):
    request = office.is_written_to(Right.DELETE)

    assert office.code.dedicated_number is None
    assert (request.channel, request.call) == ("email", None)


def test_contact_address_is_told_of_each_request(session, office):
    request = office.is_written_to(Right.DELETE)

    (notice,) = session.scalars(
        select(Delivery).where(Delivery.request_id == request.id, Delivery.kind == "request_filed")
    ).all()
    assert notice.address == "contact@optalora.example"


def test_nothing_is_sold_and_who_opts_out_is_answered(office):
    request = office.is_written_to(Right.OPT_OUT)

    office.do(desk.complete, request, request.rights[0], done="We sell nothing: it is noted.")

    assert request.status == "completed"


@pytest.fixture
def office(open_office):
    return open_office("Optalora", "4200", "contact@optalora.example", time_zone="Europe/Berlin")
