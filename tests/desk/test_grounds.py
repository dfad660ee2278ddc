"""What a refusal rests on in the case: nobody is unverified whom nobody tried to verify."""

from __future__ import annotations

import pytest
from desks import DAY, THREE_POINTS, TWO_POINTS
from factories import AT
from letters_written import draft_now
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.desk.grounds import NO_HOUSEHOLD, UNTRIED, VERIFIED
from voiceline.errors import DenialError
from voiceline.letters import compose
from voiceline.models import Delivery, DeliveryKind, Requester
from voiceline.rules.denials import Code, Reason
from voiceline.rules.identity import Evidence, Method
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import DeliveryStatus, RightStatus
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

UNVERIFIED = [Reason(Code.UNVERIFIED)]
HOUSEHOLD = [Reason(Code.HOUSEHOLD)]


def test_nobody_is_unverified_before_anybody_tried(desk):
    with pytest.raises(DenialError) as refused:
        deny(desk)

    assert str(refused.value) == UNTRIED
    assert (desk.right().status, desk.right().reasons) == (RightStatus.OPEN, None)


def test_failed_check_is_a_ground(desk):
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)

    deny(desk)

    assert desk.right().status == RightStatus.DENIED


def test_check_that_was_undone_is_no_ground(desk):
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    desk.do(verbs.undo)

    with pytest.raises(DenialError, match=r"^Nobody has tried"):
        deny(desk)


def test_permission_of_an_agent_is_no_try(desk):
    desk.do(verbs.verify_identity, Evidence(Method.SIGNED_PERMISSION))

    with pytest.raises(DenialError, match=r"^Nobody has tried"):
        deny(desk)


def test_letter_that_asked_for_proof_is_a_ground(desk):
    ask_for_proof(desk, Way.POST)

    deny(desk)

    assert desk.right().status == RightStatus.DENIED


def test_letter_that_came_back_asked_nobody(desk):
    desk.request.requester = Requester(
        business_id=desk.request.business_id, email="dana@example.com"
    )
    desk.session.flush()
    ask_for_proof(desk, Way.EMAIL)
    sent = desk.session.scalars(select(Delivery).where(Delivery.kind == DeliveryKind.LETTER)).one()
    sent.status = DeliveryStatus.FAILED
    desk.session.flush()

    with pytest.raises(DenialError, match=r"^Nobody has tried"):
        deny(desk)


def test_who_was_verified_is_not_refused_as_unverified(desk):
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    desk.wait(DAY)
    desk.do(verbs.verify_identity, THREE_POINTS)

    with pytest.raises(DenialError) as refused:
        deny(desk)
    desk.wait(DAY)
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    deny(desk)

    assert str(refused.value) == VERIFIED
    assert desk.right().status == RightStatus.DENIED


@pytest.mark.parametrize("right", [Right.KNOW_SPECIFIC, Right.DELETE])
def test_less_proof_than_is_needed_is_a_ground(desk, right):
    desk.asks(right)
    desk.do(verbs.verify_identity, TWO_POINTS)

    deny(desk)

    assert desk.right().status == RightStatus.DENIED


def test_what_is_not_done_needs_its_grounds_too(desk):
    desk.do(verbs.verify_identity, THREE_POINTS)

    with pytest.raises(DenialError) as refused:
        desk.do(verbs.complete_in_part, desk.right(), done="a", not_done="b", reasons=UNVERIFIED)

    assert str(refused.value) == VERIFIED


@pytest.mark.parametrize("standing", [None, Standing.SELF, Standing.AGENT])
def test_household_is_a_reason_for_households_alone(desk, standing):
    if standing:
        desk.do(verbs.set_standing, standing)

    with pytest.raises(DenialError) as refused:
        desk.do(verbs.deny, desk.right(), reasons=HOUSEHOLD)
    desk.do(verbs.set_standing, Standing.HOUSEHOLD)
    desk.do(verbs.deny, desk.right(), reasons=HOUSEHOLD)

    assert str(refused.value) == NO_HOUSEHOLD
    assert desk.right().status == RightStatus.DENIED


def deny(desk) -> None:
    desk.do(verbs.deny, desk.right(), reasons=UNVERIFIED)


def ask_for_proof(desk, way: Way) -> None:
    written = draft_now(desk, LetterKind.IDENTITY_ASKED)
    seen = compose(written).sha256
    desk.do(verbs.send_letter, written, verbs.Dispatch(way, seen, AT.date()))
