"""Confirming receipt, and extending: once, in time, with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from desks import DAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceline import desk as verbs
from voiceline.desk import Means
from voiceline.errors import DateError, ExtensionError, MoveError, UserError
from voiceline.rules.due_dates import Clock
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.rights import Right

FIRST, LAST = date(2027, 1, 5), date(2027, 2, 19)


def test_a_letter_confirms_receipt(desk):
    desk.do(verbs.acknowledge, how=Means.LETTER)

    assert desk.request.status == RequestStatus.ACKNOWLEDGED
    assert (desk.request.acknowledged_at, desk.request.acknowledged_how) == (desk.at, "letter")


def test_what_the_caller_heard_counts(desk):
    desk.request.acknowledge(how="oral/2026-11", at=desk.at)
    desk.session.flush()

    with pytest.raises(MoveError, match=r"^Receipt was confirmed on 2026-11-21 already\."):
        desk.do(verbs.acknowledge, how=Means.LETTER)


def test_an_answered_request_is_not_confirmed_any_more(desk):
    desk.do(verbs.withdraw)

    with pytest.raises(MoveError, match=r"^The request is answered"):
        desk.do(verbs.acknowledge, how=Means.LETTER)


def test_an_extension_has_a_reason_and_a_notice(desk):
    desk.wait(30 * DAY)

    desk.do(verbs.extend, desk.right(), because="Three systems hold the data", told_on=desk.today)

    right = desk.right()
    assert (right.respond_by, right.extended_by, right.due_by) == (FIRST, LAST, LAST)
    assert (right.extended_at, right.extended_told_on) == (desk.at, date(2026, 12, 21))
    assert right.extended_because == "Three systems hold the data"
    assert right.due(Clock.EXTEND).by == desk.request.respond_by == LAST


def test_an_extension_is_allowed_once(desk):
    desk.do(verbs.extend, desk.right(), because="Three systems hold the data", told_on=desk.today)

    with pytest.raises(ExtensionError, match=r"^It is extended until 2027-02-19 already"):
        desk.do(verbs.extend, desk.right(), because="Four")


def test_a_notice_after_the_first_date_is_too_late(desk):
    desk.wait(46 * DAY)

    with pytest.raises(ExtensionError, match=r"by 2027-01-05\. Answer now\."):
        desk.do(verbs.extend, desk.right(), because="Forgotten")

    assert desk.right().extended_by is None


def test_a_notice_in_time_may_be_noted_later(desk):
    desk.wait(46 * DAY)

    desk.do(verbs.extend, desk.right(), because="Three systems", told_on=FIRST)

    assert desk.right().due_by == LAST


@pytest.mark.parametrize("day", [date(2026, 11, 20), date(2026, 11, 22)])
def test_a_notice_is_given_between_receipt_and_today(desk, day):
    with pytest.raises(DateError):
        desk.do(verbs.extend, desk.right(), because="x", told_on=day)


def test_an_extension_without_a_reason_is_none(desk):
    for because in ("", "  ", "\u202e", "x" * 1001):
        with pytest.raises(UserError):
            desk.do(verbs.extend, desk.right(), because=because)


@pytest.mark.parametrize("right", [Right.OPT_OUT, Right.LIMIT, Right.ADMT_OPT_OUT])
def test_an_opt_out_is_never_extended(desk, right):
    desk.asks(right)

    with pytest.raises(ExtensionError, match=r"no extension is allowed"):
        desk.do(verbs.extend, desk.right(), because="Much to do")


def test_what_is_not_named_is_not_extended(desk):
    desk.asks(None)

    with pytest.raises(MoveError, match=r"an opt-out could not be extended"):
        desk.do(verbs.extend, desk.right(), because="Much to do")


def test_a_request_of_before_is_extended_all_the_same(desk):
    desk.right().due_records = None
    desk.session.flush()

    desk.do(verbs.extend, desk.right(), because="Three systems", told_on=desk.today)

    assert desk.right().due_by == LAST
    with pytest.raises(ExtensionError, match=r"already"):
        desk.do(verbs.extend, desk.right(), because="Four")


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(days=st.integers(0, 120))
def test_told_in_time_is_what_an_extension_needs(desk, days):
    desk.asks(Right.DELETE)
    start, told = desk.at, None
    desk.wait(days * DAY)

    try:
        desk.do(verbs.extend, desk.right(), because="Three systems", told_on=desk.today)
    except ExtensionError:
        told = False
    desk.at = start

    assert (told is None) == (days <= 45)
    assert desk.right().due_by == (LAST if days <= 45 else FIRST)
