"""A copy refused as unverified is a request for the categories, which nobody has to remember."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desks import TWO_POINTS
from sqlalchemy import select

from voiceline import casework
from voiceline import desk as verbs
from voiceline.audit import Action
from voiceline.errors import MoveError
from voiceline.models import AuditEntry, EventKind, RequestRecord, ResidenceSource
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.denials import Code, Reason
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.rights import Right, RightSource


def test_refused_copy_is_a_request_for_the_categories(copy):
    deny(copy)

    named = copy.right(Right.KNOW_CATEGORIES)
    due = deadlines_for(Right.KNOW_CATEGORIES, copy.request.received_on, copy.request.jurisdiction)
    assert (named.status, named.source) == (RightStatus.OPEN, RightSource.CONFIRMED)
    assert (named.due_by, named.rule) == (due.respond_by, due.rule)
    assert copy.right(Right.KNOW_SPECIFIC).status == RightStatus.DENIED
    assert (copy.request.status, copy.request.finished_at) == (RequestStatus.RECEIVED, None)
    assert copy.request.respond_by == named.due_by


def test_it_has_an_entry_of_its_own_everywhere(copy):
    event = deny(copy)

    kinds = [line.kind for line in casework.history_of(copy.session, copy.request)]
    actions = copy.session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
    records = copy.session.scalars(select(RequestRecord.right)).all()
    assert {EventKind.RIGHT_NAMED, EventKind.DENIED} <= set(kinds)
    assert actions[-2:] == [Action.REQUEST_RIGHT_NAMED, Action.REQUEST_DENIED]
    assert set(records) == {Right.KNOW_SPECIFIC, Right.KNOW_CATEGORIES}
    assert copy.request.last_change_id == event.id


def test_a_later_date_that_was_told_holds_for_it_too(copy):
    copy.do(verbs.extend, copy.right(), because="Three systems.", told_on=copy.today)
    copy.wait(timedelta(days=60))

    deny(copy)

    named, refused = copy.right(Right.KNOW_CATEGORIES), copy.right(Right.KNOW_SPECIFIC)
    assert named.due_by == named.extended_by == refused.extended_by
    assert copy.request.respond_by == named.due_by


def test_undoing_the_refusal_strikes_it_out(copy):
    deny(copy)
    copy.wait(timedelta(seconds=30))

    copy.do(verbs.undo)

    assert copy.right(Right.KNOW_SPECIFIC).status == RightStatus.OPEN
    assert copy.right(Right.KNOW_CATEGORIES).status == RightStatus.STRUCK


def test_refused_again_it_is_named_again(copy):
    deny(copy)
    copy.do(verbs.undo)

    deny(copy)

    assert copy.right(Right.KNOW_CATEGORIES).status == RightStatus.OPEN
    assert len(copy.request.rights) == 2


def test_what_is_asked_for_already_is_not_named_twice(copy):
    copy.do(verbs.name_right, Right.KNOW_CATEGORIES)
    copy.do(verbs.verify_identity, TWO_POINTS)
    copy.do(verbs.complete, copy.right(Right.KNOW_CATEGORIES), done="The list was sent.")

    deny(copy)

    assert [each.status for each in copy.request.rights] == ["denied", "completed"]
    assert copy.request.status == RequestStatus.PARTLY


def test_rights_stand_in_the_order_they_were_asked_for(copy):
    for right in (Right.CORRECT, Right.DELETE, Right.KNOW_CATEGORIES):
        copy.do(verbs.name_right, right)
    copy.do(verbs.verify_identity, TWO_POINTS)

    copy.do(verbs.complete, copy.right(Right.CORRECT), done="The address was changed.")

    assert [each.number for each in copy.request.rights] == [1, 2, 3, 4]
    assert [each.right for each in copy.request.rights][1:] == [
        Right.CORRECT,
        Right.DELETE,
        Right.KNOW_CATEGORIES,
    ]


def test_it_is_answered_and_not_struck_out(copy):
    deny(copy)
    named = copy.right(Right.KNOW_CATEGORIES)

    with pytest.raises(MoveError, match=r"^It is what the law takes the request for"):
        copy.do(verbs.strike_right, named, because="misheard")
    with pytest.raises(MoveError, match=r"^It is what the law takes the request for"):
        copy.do(verbs.name_right, Right.CORRECT, instead_of=named)
    copy.do(verbs.reopen, copy.right(Right.KNOW_SPECIFIC), because="They wrote again.")
    copy.do(verbs.strike_right, named, because="The copy is looked at again.")

    assert named.status == RightStatus.STRUCK


@pytest.mark.parametrize(
    ("reason", "residence"),
    [
        (Reason(Code.EXCESSIVE, "The tenth this week."), "US-CA"),
        (Reason(Code.UNVERIFIED), "US-VA"),
        (Reason(Code.UNVERIFIED), "EU"),
    ],
)
def test_other_reasons_and_other_laws_name_nothing(copy, reason, residence):
    copy.do(verbs.set_residence, residence, source=ResidenceSource.TOLD)

    deny(copy, reason)

    assert [each.right for each in copy.request.rights] == [Right.KNOW_SPECIFIC]


def deny(desk, reason=None):
    right = desk.right(Right.KNOW_SPECIFIC)
    return desk.do(verbs.deny, right, reasons=[reason or Reason(Code.UNVERIFIED)])


@pytest.fixture
def copy(desk):
    """A request for a copy, of somebody whom nobody could verify."""
    desk.asks(Right.KNOW_SPECIFIC)
    desk.do(verbs.verify_identity, TWO_POINTS, passed=False)
    return desk
