"""Undo: within a minute, by who did it, as an entry; everything is as it was before."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from desks import THREE_POINTS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.desk import Means
from voiceline.errors import OvertakenError, UndoError, UserError
from voiceline.models import Appeal, Delivery, DeliveryKind, EventKind, ResidenceSource
from voiceline.models.snapshots import snapshot
from voiceline.rules.denials import Code, Reason
from voiceline.rules.identity import Level
from voiceline.rules.lifecycle import AppealStatus, DeliveryStatus, RequestStatus, RightStatus
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

KEPT = [Reason(Code.TAX_DOCUMENTS)]
STEPS = {
    "acknowledge": lambda desk: desk.do(verbs.acknowledge, how=Means.EMAIL),
    "verify": lambda desk: desk.do(verbs.verify_identity, THREE_POINTS),
    "extend": lambda desk: desk.do(verbs.extend, desk.right(), because="Three systems"),
    "defer": lambda desk: desk.do(verbs.defer, desk.right(), because="An invoice"),
    "deny": lambda desk: desk.do(verbs.deny, desk.right(), reasons=KEPT),
    "redirect": lambda desk: desk.do(verbs.redirect, desk.right(), controller="The shop"),
    "withdraw": lambda desk: desk.do(verbs.withdraw),
    "residence": lambda desk: desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.ASKED),
    "standing": lambda desk: desk.do(verbs.set_standing, Standing.AGENT),
}


@pytest.mark.parametrize("step", STEPS)
def test_what_is_undone_is_as_it_was(desk, step):
    before = snapshot(desk.request)
    change = STEPS[step](desk)
    desk.wait(timedelta(minutes=1))

    event = desk.do(verbs.undo)

    desk.session.expire_all()
    assert snapshot(desk.request) == before
    assert (event.kind, event.undoes_id) == (EventKind.UNDONE, change.id)
    assert event.facts == {"undone": change.kind.value}
    assert change in desk.request.events


def test_after_a_minute_nothing_is_undone(desk):
    STEPS["deny"](desk)
    desk.wait(timedelta(minutes=1, seconds=1))

    with pytest.raises(UndoError, match=r"more than a minute ago"):
        desk.do(verbs.undo)

    assert desk.right().status == RightStatus.DENIED


def test_nobody_undoes_what_another_did(desk, bob):
    STEPS["deny"](desk)

    with pytest.raises(UndoError, match=r"^Somebody else did that"):
        verbs.undo(desk.session, desk.request, desk.clerk(bob))


def test_what_somebody_did_since_comes_first(desk, bob):
    STEPS["acknowledge"](desk)
    seen = desk.clerk()
    verbs.set_standing(desk.session, desk.request, desk.clerk(bob), Standing.AGENT)

    with pytest.raises(OvertakenError, match=r"^Bob Baker was first: standing set"):
        verbs.undo(desk.session, desk.request, seen)


def test_an_undo_is_not_undone(desk):
    STEPS["deny"](desk)
    desk.do(verbs.undo)

    with pytest.raises(UndoError, match=r"^There is nothing to undo\.$"):
        desk.do(verbs.undo)


def test_a_filed_request_has_nothing_to_undo(desk):
    with pytest.raises(UndoError, match=r"^There is nothing to undo\.$"):
        desk.do(verbs.undo)


def test_a_letter_on_its_way_cannot_be_called_back(desk):
    STEPS["deny"](desk)
    owe_message(desk, DeliveryKind.LETTER)

    with pytest.raises(UndoError, match=r"^A letter about it is on its way"):
        desk.do(verbs.undo)


def test_a_notice_to_colleagues_stays_in_the_house(desk):
    STEPS["deny"](desk)
    owe_message(desk, DeliveryKind.REQUEST_FILED)

    desk.do(verbs.undo)

    assert desk.right().status == RightStatus.OPEN


def test_an_undone_check_proves_nothing(desk):
    STEPS["verify"](desk)
    desk.do(verbs.undo)

    assert verbs.proven(desk.session, desk.request) == (Level.NONE, frozenset())


def test_a_right_named_in_error_is_struck_out(desk):
    desk.do(verbs.name_right, Right.OPT_OUT)
    desk.do(verbs.undo)

    assert [right.right for right in desk.request.asked_rights] == [Right.DELETE]
    assert desk.right(Right.OPT_OUT).status == RightStatus.STRUCK


def test_a_name_given_in_error_is_taken_back(desk):
    desk.asks(None)
    before = snapshot(desk.request)
    desk.do(verbs.name_right, Right.OPT_OUT)

    desk.do(verbs.undo)

    assert snapshot(desk.request) == before


def test_an_appeal_noted_in_error_is_struck_out(desk):
    STEPS["deny"](desk)
    desk.do(verbs.appeal, desk.right())

    desk.do(verbs.undo)

    assert desk.session.scalars(select(Appeal.status)).all() == [AppealStatus.STRUCK]
    assert desk.right().status == RightStatus.DENIED


@pytest.mark.parametrize("stands", [True, False])
def test_an_undone_decision_leaves_the_appeal_open(desk, stands):
    STEPS["deny"](desk)
    desk.do(verbs.appeal, desk.right())
    before = snapshot(desk.request)
    desk.do(verbs.decide_appeal, desk.right(), stands=stands, because="So")

    desk.do(verbs.undo)

    (appeal,) = desk.session.scalars(select(Appeal))
    assert (appeal.status, appeal.decided_at, appeal.because) == (AppealStatus.OPEN, None, None)
    assert snapshot(desk.request) == before


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=5))
def test_any_step_of_any_story_can_be_undone(desk, steps):
    desk.asks(Right.DELETE)

    for step in steps:
        before = snapshot(desk.request)
        try:
            STEPS[step](desk)
        except UserError:
            assert snapshot(desk.request) == before
            continue
        desk.do(verbs.undo)
        assert snapshot(desk.request) == before
        STEPS[step](desk)


def test_receipt_that_the_line_confirmed_meanwhile_stays_confirmed(desk):
    desk.do(verbs.name_right, Right.CORRECT)
    desk.request.acknowledge(how="oral/en/1", at=desk.at)
    desk.session.flush()

    desk.do(verbs.undo)

    assert desk.request.acknowledged_how == "oral/en/1"
    assert desk.request.status == RequestStatus.ACKNOWLEDGED
    assert [right.right for right in desk.request.asked_rights] == [Right.DELETE]


def owe_message(desk, kind: DeliveryKind) -> None:
    desk.session.add(
        Delivery(
            id=uuid4(),
            business_id=desk.request.business_id,
            request_id=desk.request.id,
            key="a-test",
            kind=kind,
            status=DeliveryStatus.PENDING,
            address="somebody@example.com",
            created_at=desk.at,
        )
    )
    desk.session.flush()
