"""Answers: each right has its own, and what the law asks for before and with it."""

from __future__ import annotations

from datetime import date

import pytest
from desks import DAY, THREE_POINTS, TWO_POINTS

from voiceline import desk as verbs
from voiceline.desk import Means
from voiceline.errors import DenialError, IdentityError, MoveError, UserError
from voiceline.models import EventKind, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.rights import Right

KEPT = [Reason(Code.TAX_DOCUMENTS)]


def test_a_verified_request_is_completed(desk):
    desk.do(verbs.verify_identity, TWO_POINTS)

    desk.do(verbs.complete, desk.right(), done="All of it was deleted.")

    right = desk.right()
    assert (right.status, right.done) == (RightStatus.COMPLETED, "All of it was deleted.")
    assert (desk.request.status, desk.request.finished_at) == (RequestStatus.COMPLETED, desk.at)


def test_an_unverified_deletion_is_not_completed(desk):
    with pytest.raises(IdentityError, match=r"verify who asks first, to a reasonable degree"):
        desk.do(verbs.complete, desk.right(), done="All of it.")

    assert desk.right().status == RightStatus.OPEN
    assert desk.right().done is None


def test_an_opt_out_is_completed_without_any_proof(desk):
    desk.asks(Right.OPT_OUT)

    desk.do(verbs.complete, desk.right(), done="Opted out.")

    assert desk.request.status == RequestStatus.COMPLETED


def test_a_copy_needs_a_reasonably_high_degree(desk):
    desk.asks(Right.KNOW_SPECIFIC)
    desk.do(verbs.verify_identity, TWO_POINTS)

    with pytest.raises(IdentityError, match=r"reasonably high degree"):
        desk.do(verbs.complete, desk.right(), done="Sent.")
    desk.do(verbs.verify_identity, THREE_POINTS)
    desk.do(verbs.complete, desk.right(), done="Sent.")

    assert desk.request.status == RequestStatus.COMPLETED


def test_nothing_unnamed_is_completed_or_denied(desk):
    desk.asks(None)

    with pytest.raises(IdentityError, match=r"name it first"):
        desk.do(verbs.complete, desk.right(), done="?")
    with pytest.raises(DenialError, match=r"name it first"):
        desk.do(verbs.deny, desk.right(), reasons=KEPT)


def test_a_denial_without_a_reason_is_refused(desk):
    with pytest.raises(DenialError, match=r"^A refusal needs a reason: unverified, "):
        desk.do(verbs.deny, desk.right(), reasons=[])

    assert desk.request.status == RequestStatus.RECEIVED


def test_a_denial_keeps_its_reason_with_the_citation(desk):
    reasons = [Reason(Code.LEGAL_OBLIGATION, " Invoices: ten years. ")]

    desk.do(verbs.deny, desk.right(), reasons=reasons)

    assert desk.right().reasons == [
        {
            "code": "legal_obligation",
            "citation": "Cal. Civ. Code 1798.105(d)(8)",
            "counted_as": "exempt",
            "explanation": "Invoices: ten years.",
        }
    ]
    assert desk.request.status == RequestStatus.DENIED


def test_a_denial_in_virginia_may_be_appealed_for_sixty_days(desk):
    desk.do(verbs.set_residence, "US-VA", source=ResidenceSource.ASKED)

    desk.do(verbs.deny, desk.right(), reasons=KEPT)

    assert desk.right().appeal_by == date(2027, 1, 20)
    assert desk.right().due_records["appeal"]["by"] == "2027-01-20"


def test_californias_law_gives_no_appeal(desk):
    desk.do(verbs.deny, desk.right(), reasons=KEPT)

    assert desk.right().appeal_by is None


def test_a_part_says_what_was_done_what_not_and_why(desk):
    desk.do(verbs.verify_identity, TWO_POINTS)

    for done, not_done in ((" ", "invoices"), ("the rest", "\x00")):
        with pytest.raises(UserError, match=r"^Say what was"):
            desk.do(
                verbs.complete_in_part, desk.right(), done=done, not_done=not_done, reasons=KEPT
            )
    with pytest.raises(DenialError):
        desk.do(verbs.complete_in_part, desk.right(), done="a", not_done="b", reasons=[])
    assert (desk.right().status, desk.right().done) == (RightStatus.OPEN, None)
    desk.do(verbs.complete_in_part, desk.right(), done="All else", not_done="Quotes", reasons=KEPT)

    right = desk.right()
    assert (right.done, right.not_done) == ("All else", "Quotes")
    assert desk.request.status == RequestStatus.PARTLY


def test_a_service_provider_says_whom_to_ask(desk):
    desk.do(verbs.redirect, desk.right(), controller="The shop you bought from")

    assert desk.right().controller == "The shop you bought from"
    assert desk.request.status == RequestStatus.REDIRECTED


def test_a_deferral_stops_no_clock(desk):
    due = desk.request.respond_by

    event = desk.do(verbs.defer, desk.right(), because="Two invoices are unpaid")

    assert desk.right().status == RightStatus.DEFERRED
    assert (desk.right().due_by, desk.request.respond_by) == (due, due)
    assert (desk.request.status, event.facts) == (RequestStatus.RECEIVED, {"due_by": "2027-01-05"})


def test_a_deferral_ends_when_the_balance_is_settled(desk):
    desk.do(verbs.defer, desk.right(), because="Two invoices are unpaid")
    desk.do(verbs.resume, desk.right())

    assert (desk.right().status, desk.right().deferred_because) == (RightStatus.OPEN, None)
    with pytest.raises(MoveError, match=r"^It does not wait for anything\.$"):
        desk.do(verbs.resume, desk.right())


def test_a_withdrawal_ends_all_that_is_open(desk):
    desk.do(verbs.deny, desk.right(), reasons=KEPT)
    desk.do(verbs.name_right, Right.OPT_OUT)
    desk.do(verbs.name_right, Right.CORRECT)

    event = desk.do(verbs.withdraw)

    assert event.facts == {"rights": 2}
    assert [right.status for right in desk.request.rights] == ["denied", "withdrawn", "withdrawn"]
    assert desk.request.status == RequestStatus.DENIED
    with pytest.raises(MoveError, match=r"^Everything is answered"):
        desk.do(verbs.withdraw)


def test_a_reopened_right_has_its_old_dates_and_no_answer(desk):
    due = desk.right().due_by
    desk.do(verbs.deny, desk.right(), reasons=KEPT)
    desk.wait(60 * DAY)

    event = desk.do(verbs.reopen, desk.right(), because="They sent an invoice number")

    right = desk.right()
    assert (right.status, right.due_by, right.reasons) == (RightStatus.OPEN, due, None)
    assert (desk.request.status, desk.request.finished_at) == (RequestStatus.RECEIVED, None)
    assert event.facts == {"was": "denied", "because": "They sent an invoice number"}
    assert event.before["rights"][right.id.hex]["reasons"][0]["code"] == "tax_documents"


def test_each_right_has_its_own_answer(desk):
    desk.do(verbs.acknowledge, how=Means.EMAIL)
    desk.do(verbs.name_right, Right.OPT_OUT)
    stop_by = desk.right(Right.OPT_OUT).due_by

    assert desk.request.respond_by == stop_by
    desk.do(verbs.complete, desk.right(Right.OPT_OUT), done="Opted out.")
    assert desk.request.status == RequestStatus.ACKNOWLEDGED
    assert desk.request.respond_by == desk.right(Right.DELETE).due_by
    desk.do(verbs.deny, desk.right(Right.DELETE), reasons=KEPT)

    assert desk.request.status == RequestStatus.PARTLY


@pytest.mark.parametrize(
    ("verb", "facts", "wanted"),
    [
        (verbs.complete, {"done": "x"}, "completed"),
        (verbs.deny, {"reasons": KEPT}, "denied"),
        (verbs.redirect, {"controller": "x"}, "redirected to the controller"),
        (verbs.defer, {"because": "x"}, "deferred"),
        (verbs.withdraw, {}, "withdrawn"),
        (verbs.extend, {"because": "x"}, "extended"),
    ],
)
def test_what_is_forbidden_says_what_is_allowed(desk, verb, facts, wanted):
    desk.do(verbs.withdraw)

    with pytest.raises(MoveError) as refused:
        desk.do(verb, desk.right(), **facts)

    assert str(refused.value) == (f"It cannot be {wanted}: it is withdrawn. It can be reopened.")


def test_history_tells_the_whole_story(desk):
    desk.do(verbs.acknowledge, how=Means.LETTER)
    desk.do(verbs.verify_identity, TWO_POINTS)
    desk.do(verbs.complete, desk.right(), done="All of it.")

    kinds = [event.kind for event in desk.request.events]

    assert sorted(kinds) == sorted(
        [EventKind.FILED, EventKind.ACKNOWLEDGED, EventKind.VERIFIED, EventKind.COMPLETED]
    )
