"""Appeals: in time, with the clock of the law that gives them, and what a decision does."""

from __future__ import annotations

from datetime import date

import pytest
from desks import DAY
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.errors import DateError, ExtensionError, MoveError, UserError
from voiceline.models import Appeal, EventKind, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.lifecycle import AppealStatus, RequestStatus, RightStatus


def test_an_appeal_has_the_days_of_the_law(denied):
    denied.wait(10 * DAY)

    event = denied.do(verbs.appeal, denied.right())

    found = only_appeal(denied)
    assert (found.status, found.against) == (AppealStatus.OPEN, RightStatus.DENIED)
    assert (found.received_on, found.decide_by) == (date(2026, 12, 1), date(2027, 1, 30))
    assert denied.right().due_by == denied.request.respond_by == date(2027, 1, 30)
    assert denied.request.status == RequestStatus.APPEALED
    assert (event.kind, event.facts["decide_by"]) == (EventKind.APPEALED, "2027-01-30")


def test_an_appeal_leaves_the_day_of_the_answer(denied):
    answered = denied.right().finished_at
    denied.wait(10 * DAY)

    denied.do(verbs.appeal, denied.right())

    assert denied.right().finished_at == answered


def test_an_upheld_answer_stands_as_it_was(denied):
    due = denied.right().due_by
    denied.do(verbs.appeal, denied.right())

    denied.do(verbs.decide_appeal, denied.right(), stands=True, because="The invoices are due.")

    right, found = denied.right(), only_appeal(denied)
    assert (right.status, right.due_by) == (RightStatus.DENIED, due)
    assert right.reasons[0]["code"] == "tax_documents"
    assert (found.status, found.because) == (AppealStatus.UPHELD, "The invoices are due.")
    assert (found.decided_at, found.decided_by_id) == (denied.at, denied.user.id)
    assert denied.request.status == RequestStatus.DENIED


def test_a_reversed_answer_is_due_when_the_appeal_was(denied):
    denied.do(verbs.appeal, denied.right())

    denied.do(verbs.decide_appeal, denied.right(), stands=False, because="They were right.")

    right = denied.right()
    assert (right.status, right.reasons, right.appeal_by) == (RightStatus.OPEN, None, None)
    assert right.due_by == denied.request.respond_by == date(2027, 1, 20)
    assert only_appeal(denied).status == AppealStatus.REVERSED
    assert denied.request.status == RequestStatus.RECEIVED


def test_a_decision_says_why(denied):
    denied.do(verbs.appeal, denied.right())

    for stands in (True, False):
        with pytest.raises(UserError, match=r"^Say why it was decided so"):
            denied.do(verbs.decide_appeal, denied.right(), stands=stands, because=" ")

    assert only_appeal(denied).status == AppealStatus.OPEN


def test_a_withdrawn_appeal_leaves_the_answer(denied):
    denied.do(verbs.appeal, denied.right())

    denied.do(verbs.withdraw_appeal, denied.right())

    assert denied.right().status == RightStatus.DENIED
    assert only_appeal(denied).status == AppealStatus.WITHDRAWN


def test_after_a_decision_there_may_be_another_appeal(denied):
    for _ in range(2):
        denied.do(verbs.appeal, denied.right())
        denied.do(verbs.decide_appeal, denied.right(), stands=True, because="It stands.")

    assert len(denied.session.scalars(select(Appeal)).all()) == 2


def test_too_late_an_appeal_may_be_a_reopening(denied):
    denied.wait(61 * DAY)

    with pytest.raises(MoveError, match=r"until 2027-01-20\. The right can be reopened instead"):
        denied.do(verbs.appeal, denied.right())

    denied.do(verbs.appeal, denied.right(), received_on=date(2027, 1, 20))
    assert denied.right().status == RightStatus.APPEALED


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 11, 22)])
def test_an_appeal_comes_between_the_answer_and_today(denied, day):
    with pytest.raises(DateError):
        denied.do(verbs.appeal, denied.right(), received_on=day)


def test_what_is_open_is_not_appealed(desk):
    with pytest.raises(MoveError, match=r"^It cannot be appealed: it is open\."):
        desk.do(verbs.appeal, desk.right())
    with pytest.raises(MoveError, match=r"^There is no appeal to decide\.$"):
        desk.do(verbs.decide_appeal, desk.right(), stands=True, because="x")


def test_under_appeal_only_the_appeal_is_decided(denied):
    denied.do(verbs.appeal, denied.right())

    with pytest.raises(MoveError) as refused:
        denied.do(verbs.redirect, denied.right(), controller="x")
    with pytest.raises(MoveError, match=r"^It cannot be reopened: it is under appeal"):
        denied.do(verbs.reopen, denied.right(), because="x")

    assert "It can be decided on appeal" in str(refused.value)


def test_without_a_law_of_appeals_the_house_has_one(desk):
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TAX_DOCUMENTS)])

    desk.do(verbs.appeal, desk.right())

    assert only_appeal(desk).rule.startswith("house/appeal/45-days@")


def test_a_decision_is_extended_where_the_law_allows(desk):
    desk.do(verbs.set_residence, "US-CO", source=ResidenceSource.TOLD)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TAX_DOCUMENTS)])
    desk.do(verbs.appeal, desk.right())

    desk.do(verbs.extend, desk.right(), because="The expert is away", told_on=desk.today)

    assert only_appeal(desk).extended_by == desk.right().due_by == date(2027, 3, 6)
    with pytest.raises(ExtensionError, match=r"already"):
        desk.do(verbs.extend, desk.right(), because="Still away")


def test_virginia_extends_no_decision(denied):
    denied.do(verbs.appeal, denied.right())

    with pytest.raises(ExtensionError, match=r"no extension is allowed"):
        denied.do(verbs.extend, denied.right(), because="x")


def only_appeal(desk) -> Appeal:
    return desk.session.scalars(select(Appeal)).one()


@pytest.fixture
def denied(desk):
    """A request from Virginia that was denied today."""
    desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.TOLD)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TAX_DOCUMENTS)])
    return desk
