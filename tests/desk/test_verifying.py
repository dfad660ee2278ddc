"""Verifying who asks: where it may be, and that no data are kept of it."""

from __future__ import annotations

import pytest
from desks import THREE_POINTS, TWO_POINTS
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.errors import IdentityError, MoveError
from voiceline.models import EventKind, IdentityCheck
from voiceline.rules.identity import DataPoint, Evidence, Level, Method
from voiceline.rules.rights import RIGHTS as FACTS
from voiceline.rules.rights import WITHOUT_VERIFICATION, Right, Verification
from voiceline.rules.standings import Standing

STOPS = sorted(
    right for right in WITHOUT_VERIFICATION if FACTS[right].verification == Verification.NONE
)


def test_a_check_names_what_was_compared(desk):
    event = desk.do(verbs.verify_identity, THREE_POINTS)

    (check,) = desk.session.scalars(select(IdentityCheck))
    assert (check.method, check.level, check.passed) == (Method.MATCHED, Level.HIGH, True)
    assert check.points == ["email", "name", "order_number"]
    assert (check.declared, check.user_id, check.at) == (True, desk.user.id, desk.at)
    assert (event.kind, event.facts["level"]) == (EventKind.VERIFIED, "high")


@pytest.mark.parametrize("right", STOPS)
def test_no_identity_is_asked_for_what_is_stopped(desk, right):
    desk.asks(right)

    with pytest.raises(IdentityError, match=r"no identity may be asked for"):
        desk.do(verbs.verify_identity, TWO_POINTS)

    assert desk.session.scalars(select(IdentityCheck)).all() == []


def test_no_identity_is_asked_before_a_right_is_named(desk):
    desk.asks(None)

    with pytest.raises(IdentityError, match=r"^Nobody has named a right yet"):
        desk.do(verbs.verify_identity, TWO_POINTS)


def test_a_deletion_beside_an_opt_out_is_verified(desk):
    desk.do(verbs.name_right, Right.OPT_OUT)

    desk.do(verbs.verify_identity, TWO_POINTS)
    desk.do(verbs.complete, desk.right(Right.DELETE), done="Deleted.")
    with pytest.raises(IdentityError):
        desk.do(verbs.verify_identity, TWO_POINTS)


def test_a_failed_check_is_kept_and_proves_nothing(desk):
    event = desk.do(verbs.verify_identity, THREE_POINTS, passed=False)

    assert event.kind == EventKind.NOT_VERIFIED
    assert verbs.proven(desk.session, desk.request) == (Level.NONE, frozenset())
    with pytest.raises(IdentityError):
        desk.do(verbs.complete, desk.right(), done="x")


def test_a_callers_number_alone_proves_nothing(desk):
    for points in ({DataPoint.CALLER_ID}, {DataPoint.EMAIL}, set()):
        with pytest.raises(IdentityError, match=r"^That proves nothing yet"):
            desk.do(verbs.verify_identity, Evidence(Method.MATCHED, frozenset(points)))


def test_opting_in_again_takes_a_second_step(desk):
    desk.asks(Right.OPT_IN)

    with pytest.raises(IdentityError, match=r"second step"):
        desk.do(verbs.complete, desk.right(), done="x")
    with pytest.raises(IdentityError, match=r"no identity"):
        desk.do(verbs.verify_identity, TWO_POINTS)
    desk.do(verbs.verify_identity, Evidence(Method.CONFIRMATION))
    desk.do(verbs.complete, desk.right(), done="Opted in.")

    assert desk.right().status == "completed"


def test_a_confirmation_is_for_opting_in_alone(desk):
    with pytest.raises(IdentityError, match=r"^Only opting in again"):
        desk.do(verbs.verify_identity, Evidence(Method.CONFIRMATION))


def test_for_a_child_the_parent_is_verified_too(desk):
    desk.do(verbs.set_standing, Standing.PARENT)
    desk.do(verbs.verify_identity, TWO_POINTS)

    with pytest.raises(IdentityError, match=r"asked for a child"):
        desk.do(verbs.complete, desk.right(), done="x")
    desk.do(verbs.verify_identity, Evidence(Method.PARENTHOOD))
    desk.do(verbs.complete, desk.right(), done="Deleted.")

    assert desk.right().status == "completed"


def test_a_power_of_attorney_is_enough_by_itself(desk):
    desk.do(verbs.verify_identity, Evidence(Method.POWER_OF_ATTORNEY))

    desk.do(verbs.complete, desk.right(), done="Deleted.")

    assert desk.right().status == "completed"


def test_after_the_answer_nobody_is_verified(desk):
    desk.do(verbs.withdraw)

    with pytest.raises(MoveError, match=r"^The request is answered"):
        desk.do(verbs.verify_identity, TWO_POINTS)
