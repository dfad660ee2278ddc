"""An answer counts once the consumer was told, and an extension is in force from then on."""

from __future__ import annotations

from datetime import date

import pytest
from desks import DAY
from letters_written import bounce, draft, draft_now, tell
from sqlalchemy import select

from voiceline import desk as verbs
from voiceline.desk import Dispatch, Means
from voiceline.errors import DateError, MoveError, UndoError
from voiceline.inbox import Order, Scope, inbox_page
from voiceline.letters import appeals_of, compose, letters_of, offers
from voiceline.models import Appeal, AuditEntry, EventKind, RaisedDeadline, Requester, RequestRecord
from voiceline.rules.alerts import Stage
from voiceline.rules.denials import Code, Reason
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.outcomes import Task
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing

K = LetterKind
OUTCOMES = (K.COMPLETED, K.PARTLY, K.DENIED, K.REDIRECTED)
FIRST, LATER = date(2027, 1, 5), date(2027, 2, 19)


@pytest.mark.parametrize("kind", OUTCOMES)
def test_answer_nobody_was_told_is_still_watched(desk, kind):
    draft(desk, kind)

    request = desk.request
    assert request.finished_at is not None
    assert request.task == (FIRST, Task.TELL)
    assert request.watch_by == FIRST
    assert in_scope(desk, Scope.OPEN) == [request.id]
    assert in_scope(desk, Scope.ANSWERED) == []


@pytest.mark.parametrize("kind", OUTCOMES)
def test_answer_that_was_told_is_watched_no_more(desk, kind):
    draft(desk, kind)
    desk.wait(5 * DAY)

    tell(desk, kind, sent_on=date(2026, 11, 24))

    assert desk.request.watch_by is None
    assert desk.right().told_on == date(2026, 11, 24)
    assert in_scope(desk, Scope.OPEN) == []
    record = desk.session.scalars(select(RequestRecord)).one()
    assert record.answered_on == date(2026, 11, 24)


def test_letter_about_something_else_tells_no_answer(desk):
    draft(desk, K.DENIED)

    tell(desk, K.ACKNOWLEDGEMENT)

    assert desk.request.task == (FIRST, Task.TELL)


def test_whoever_cannot_be_reached_leaves_proof_of_an_answer(desk):
    draft(desk, K.DENIED)

    event = tell(desk, K.DENIED, Way.NOWHERE)

    assert desk.request.watch_by is None
    assert event.facts["way"] == "nowhere"


def test_opt_out_that_was_done_need_not_be_told(desk):
    desk.asks(Right.OPT_OUT)

    desk.do(verbs.complete, desk.right(), done="The account is marked.")

    assert desk.request.watch_by is None
    assert desk.right().tell_by is None


@pytest.mark.parametrize("kind", OUTCOMES)
def test_answer_that_came_back_is_owed_again(desk, kind):
    reachable(desk)
    draft(desk, kind)
    tell(desk, kind, Way.EMAIL)
    told = desk.request.watch_by

    bounce(desk)

    assert told is None
    assert desk.request.task == (FIRST, Task.TELL)
    assert desk.session.scalars(select(RequestRecord)).one().answered_on is None
    (entry,) = [one for one in desk.request.events if one.kind == EventKind.LETTER_RETURNED]
    newest = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert (newest.action, str(entry.id) in newest.facts) == ("request.letter_returned", True)


def test_letter_that_came_back_after_another_went_is_only_noted(desk):
    reachable(desk)
    draft(desk, K.DENIED)
    tell(desk, K.DENIED, Way.EMAIL)
    tell(desk, K.DENIED, Way.POST)

    bounce(desk)

    assert desk.request.watch_by is None
    assert desk.right().told_on is not None


def test_letter_of_an_answer_since_reopened_is_only_noted(desk):
    reachable(desk)
    draft(desk, K.DENIED)
    tell(desk, K.DENIED, Way.EMAIL)
    desk.do(verbs.reopen, desk.right(), because="The invoices are older.")

    bounce(desk)

    assert desk.request.task == (FIRST, Task.ANSWER)
    assert desk.right().tell_by is None


@pytest.mark.parametrize(("reopened", "warnings"), [(False, 0), (True, 1)])
def test_letter_that_came_back_repeats_no_warning_of_a_date_that_stays(desk, reopened, warnings):
    reachable(desk)
    draft(desk, K.DENIED)
    tell(desk, K.DENIED, Way.EMAIL)
    if reopened:
        desk.do(verbs.reopen, desk.right(), because="The invoices are older.")
    near = {"business_id": desk.request.business_id, "raised_on": FIRST}
    about = {"request_id": desk.request.id, "due_by": FIRST, "stage": Stage.TWO}
    desk.session.add(RaisedDeadline(**about, **near))

    bounce(desk)

    assert len(desk.session.scalars(select(RaisedDeadline)).all()) == warnings


def test_deferral_that_came_back_owes_no_more_than_the_answer(desk):
    reachable(desk)
    draft(desk, K.DEFERRED)
    tell(desk, K.DEFERRED, Way.EMAIL)
    before = desk.request.task

    bounce(desk)

    assert desk.request.task == before
    assert desk.right().tell_by is None


def test_confirmation_that_came_back_is_owed_again(desk):
    reachable(desk)
    tell(desk, K.ACKNOWLEDGEMENT, Way.EMAIL)
    confirmed = desk.request.status

    bounce(desk)
    again = desk.request.task
    desk.do(verbs.acknowledge, how=Means.PHONE)

    assert (confirmed, again[1]) == (RequestStatus.ACKNOWLEDGED, Task.CONFIRM)
    assert desk.request.acknowledged_how == "phone"


def test_receipt_is_watched_before_the_answer(desk):
    assert desk.request.task == (date(2026, 12, 4), Task.CONFIRM)

    desk.do(verbs.acknowledge, how=Means.PHONE)

    assert desk.request.task == (FIRST, Task.ANSWER)


def test_what_nobody_named_is_watched_as_an_opt_out(desk):
    desk.asks(None)
    desk.do(verbs.acknowledge, how=Means.PHONE)
    unnamed = desk.request.task

    desk.do(verbs.name_right, Right.DELETE)

    assert unnamed == (date(2026, 12, 10), Task.NAME)
    assert desk.request.task == (FIRST, Task.ANSWER)


def test_extension_waits_for_its_letter(desk):
    desk.do(verbs.acknowledge, how=Means.PHONE)
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    before = (desk.right().due_by, desk.request.watch_by)

    tell(desk, K.EXTENSION)

    assert before == (FIRST, FIRST)
    assert (desk.right().due_by, desk.request.watch_by) == (LATER, LATER)
    assert desk.right().extended_told_on == desk.today


def test_extension_told_too_late_is_none(desk):
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    desk.wait(46 * DAY)

    tell(desk, K.EXTENSION)

    assert desk.right().due_by == FIRST
    assert desk.right().extended_told_on is None


def test_extension_whose_letter_came_back_is_not_in_force(desk):
    reachable(desk)
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    tell(desk, K.EXTENSION, Way.EMAIL)

    bounce(desk)

    assert desk.right().due_by == FIRST
    (offer,) = [each for each in offered(desk) if each.kind == K.EXTENSION]
    assert offer.owed_by == FIRST


def test_decision_on_an_appeal_must_be_told(desk):
    draft(desk, K.APPEAL_UPHELD)
    decide_by = appeal(desk).decide_by
    owed = desk.request.task

    tell(desk, K.APPEAL_UPHELD)

    assert owed == (decide_by, Task.TELL)
    assert desk.request.watch_by is None


def test_decision_is_still_to_be_told_though_another_appeal_was_noted_in_error(desk):
    draft(desk, K.APPEAL_UPHELD)
    decide_by = appeal(desk).decide_by
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.undo)

    owed = {each.kind: each.owed_by for each in offered(desk)}

    assert desk.request.task == (decide_by, Task.TELL)
    assert owed[K.APPEAL_UPHELD] == decide_by


def test_letter_of_an_older_decision_does_not_tell_the_newest(desk):
    draft(desk, K.APPEAL_UPHELD)
    older = appeal(desk)
    desk.wait(DAY)
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.decide_appeal, desk.right(), stands=True, because="They are still wanted.")
    written = draft_now(desk, K.APPEAL_UPHELD, appeal=older)
    desk.do(verbs.send_letter, written, Dispatch(Way.POST, compose(written).sha256))

    owed = [each.owed_by for each in offered(desk) if each.kind == K.APPEAL_UPHELD]

    assert [desk.request.watch_by] == [each for each in owed if each]


def test_extension_of_an_answer_is_not_owed_once_an_appeal_reopened_it(desk):
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    draft(desk, K.APPEAL_REVERSED)

    assert not [each for each in offered(desk) if each.kind == K.EXTENSION]


def test_who_appeals_knows_the_answer(desk):
    draft(desk, K.APPEAL_UPHELD)

    assert desk.right().told_on == appeal(desk).received_on


def test_appeal_that_is_withdrawn_owes_nothing(desk):
    draft(desk, K.DENIED)
    desk.wait(DAY)
    desk.do(verbs.appeal, desk.right())

    desk.do(verbs.withdraw_appeal, desk.right())

    assert desk.request.watch_by is None


def test_decision_that_came_back_is_owed_again(desk):
    reachable(desk)
    draft(desk, K.APPEAL_UPHELD)
    tell(desk, K.APPEAL_UPHELD, Way.EMAIL)

    bounce(desk)

    assert desk.request.task == (appeal(desk).decide_by, Task.TELL)
    assert desk.right().told_on == appeal(desk).received_on


def test_extended_decision_waits_for_its_letter_too(extended_appeal):
    desk = extended_appeal
    before = desk.right().due_by

    tell(desk, K.EXTENSION)

    assert before == appeal(desk).decide_by
    assert desk.right().due_by == appeal(desk).extended_by


def test_undone_extension_of_a_decision_can_be_given_again(extended_appeal):
    desk = extended_appeal

    desk.do(verbs.undo)
    desk.do(verbs.extend, desk.right(), because="Now it is true.", told_on=desk.today)

    assert appeal(desk).extended_because == "Now it is true."
    assert desk.right().due_by == appeal(desk).extended_by


def test_nobody_was_told_of_a_later_decision_before_the_appeal(extended_appeal):
    desk = extended_appeal
    desk.do(verbs.undo)

    with pytest.raises(DateError, match="before the appeal came"):
        desk.do(verbs.extend, desk.right(), because="x", told_on=desk.today - 2 * DAY)


def test_what_came_back_is_not_undone(desk):
    reachable(desk)
    draft(desk, K.REDIRECTED)
    tell(desk, K.REDIRECTED, Way.EMAIL)
    desk.do(verbs.set_standing, Standing.SELF)
    bounce(desk)

    with pytest.raises(UndoError, match="The line changed the request since"):
        desk.do(verbs.undo)

    assert desk.request.task == (FIRST, Task.TELL)


def test_another_letter_of_the_same_counts_from_its_own_day(desk):
    reachable(desk)
    draft(desk, K.REDIRECTED)
    tell(desk, K.REDIRECTED, Way.EMAIL)
    desk.wait(3 * DAY)
    tell(desk, K.REDIRECTED, Way.POST)

    bounce(desk)

    assert desk.right().told_on == date(2026, 11, 24)
    assert desk.request.watch_by is None


def test_copy_that_came_back_untells_nothing(desk):
    reachable(desk)
    draft(desk, K.REDIRECTED)
    tell(desk, K.REDIRECTED, Way.POST)
    desk.wait(DAY)
    tell(desk, K.REDIRECTED, Way.EMAIL)

    bounce(desk)

    assert desk.right().told_on == date(2026, 11, 21)
    assert desk.request.watch_by is None


def test_late_notice_does_not_save_the_one_that_came_back(desk):
    reachable(desk)
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    desk.wait(44 * DAY)
    tell(desk, K.EXTENSION, Way.EMAIL)
    desk.wait(2 * DAY)
    tell(desk, K.EXTENSION, Way.POST)

    bounce(desk)

    assert desk.right().due_by == FIRST
    assert desk.right().extended_told_on is None


def test_day_a_colleague_noted_outlives_a_letter_that_came_back(desk):
    reachable(desk)
    desk.do(verbs.extend, desk.right(), because="Three archives.", told_on=desk.today)
    tell(desk, K.EXTENSION, Way.EMAIL)

    bounce(desk)

    assert desk.right().due_by == LATER


def test_notice_that_came_back_after_the_answer_moves_its_date(desk):
    reachable(desk)
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    tell(desk, K.EXTENSION, Way.EMAIL)
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")
    before = desk.request.watch_by

    bounce(desk)

    assert (before, desk.request.watch_by) == (LATER, FIRST)


def test_notice_that_came_back_leaves_the_date_of_an_appeal(desk):
    reachable(desk)
    desk.do(verbs.extend, desk.right(), because="Three archives.")
    tell(desk, K.EXTENSION, Way.EMAIL)
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")
    desk.wait(20 * DAY)
    desk.do(verbs.appeal, desk.right())

    bounce(desk)

    assert desk.right().due_by == appeal(desk).decide_by == desk.request.respond_by


def test_old_decision_tells_nothing_of_a_newer_answer(desk):
    draft(desk, K.APPEAL_UPHELD)
    tell(desk, K.APPEAL_UPHELD)
    desk.wait(DAY)
    desk.do(verbs.reopen, desk.right(), because="It is our own data.")
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")

    tell(desk, K.APPEAL_UPHELD)

    assert desk.request.task == (desk.right().due_by, Task.TELL)
    assert {offer.kind: offer.owed_by for offer in offered(desk)} == {
        K.REDIRECTED: desk.right().due_by,
        K.APPEAL_UPHELD: None,
    }


def test_old_decision_that_came_back_leaves_a_newer_answer_owed(desk):
    reachable(desk)
    draft(desk, K.APPEAL_UPHELD)
    tell(desk, K.APPEAL_UPHELD, Way.EMAIL)
    desk.wait(DAY)
    desk.do(verbs.reopen, desk.right(), because="It is our own data.")
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")

    bounce(desk)

    assert desk.request.task == (desk.right().due_by, Task.TELL)


def test_reversed_decision_is_watched_though_the_answer_owes_no_letter(desk):
    desk.asks(Right.OPT_OUT)
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.FRAUD, "Forty from one address.")])
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.decide_appeal, desk.right(), stands=False, because="They were forty people.")
    desk.do(verbs.complete, desk.right(), done="All are marked.")
    owed = desk.request.task

    tell(desk, K.APPEAL_REVERSED)

    assert owed == (appeal(desk).decide_by, Task.TELL)
    assert desk.request.watch_by is None


def test_what_an_appeal_reopened_is_not_extended(desk):
    draft(desk, K.APPEAL_REVERSED)

    with pytest.raises(MoveError, match="An appeal reopened it"):
        desk.do(verbs.extend, desk.right(), because="x")


def test_answer_of_before_is_known_to_who_appeals(desk):
    draft(desk, K.DENIED)
    desk.right().tell_by = None
    desk.wait(5 * DAY)

    desk.do(verbs.appeal, desk.right())

    assert desk.right().told_on == date(2026, 11, 21)


@pytest.fixture
def extended_appeal(desk):
    """A refusal in Colorado that was appealed, and whose decision takes longer."""
    desk.do(verbs.set_residence, "US-CO", source="told")
    desk.do(verbs.redirect, desk.right(), controller="Optimer Inc.")
    desk.wait(3 * DAY)
    desk.do(verbs.appeal, desk.right())
    desk.do(verbs.extend, desk.right(), because="The expert is away.")
    return desk


def appeal(desk) -> Appeal:
    return desk.session.scalars(select(Appeal)).one()


def offered(desk):
    request = draft_now(desk, K.ACKNOWLEDGEMENT).request
    session = desk.session
    return offers(request, letters_of(session, request), appeals_of(session, request))


def in_scope(desk, scope):
    business = desk.request.business_id
    page = inbox_page(
        desk.session, business, order=Order.DEADLINE, after=None, limit=9, scope=scope
    )
    return [row.request.id for row in page.rows]


def reachable(desk) -> None:
    desk.request.requester = Requester(
        business_id=desk.request.business_id, name="Maria", email="maria@example.com"
    )
    desk.session.flush()
