"""The Optimer policy: rights as the law of the residence gives them, GDPR and PIPEDA among them."""

from __future__ import annotations

from datetime import date

import pytest

from voiceline import desk
from voiceline.models import ResidenceSource
from voiceline.rules.denials import Code, codes_for
from voiceline.rules.due_dates import Clock
from voiceline.rules.jurisdictions import find_jurisdiction
from voiceline.rules.rights import Right

GDPR = [
    *(Right.KNOW_SPECIFIC, Right.CORRECT, Right.DELETE, Right.RESTRICT, Right.OBJECT),
    *(Right.WITHDRAW_CONSENT, Right.PORTABILITY),
]
DAY = date(2026, 11, 20)


@pytest.mark.parametrize("right", GDPR)
def test_europeans_have_a_month_for_each_of_their_rights(office, right):
    request = office.is_written_to(right, residence="EU")

    assert find_jurisdiction("EU").grants(right, DAY)
    assert request.respond_by == date(2026, 12, 20)


def test_canadians_have_thirty_days_and_help_with_the_writing(office):
    request = office.is_written_to(Right.KNOW_SPECIFIC, residence="CA-FED")

    assert request.respond_by == date(2026, 12, 20)
    assert find_jurisdiction("CA-FED").duties.in_writing
    assert find_jurisdiction("CA-FED").duties.must_help


def test_a_right_the_residence_does_not_give_is_answered_and_may_be_refused_so(office):
    request = office.is_written_to(Right.RESTRICT, residence="US-CA")

    due = request.rights[0].due(Clock.RESPOND)

    assert not due.is_granted
    assert Code.NOT_GRANTED in codes_for(Right.RESTRICT, granted=due.is_granted)


def test_a_residence_learnt_later_changes_whose_law_it_is(office):
    request = office.is_written_to(Right.DELETE)

    office.do(desk.set_residence, request, "EU", source=ResidenceSource.ASKED)

    assert (request.jurisdiction, request.respond_by) == ("EU", date(2026, 12, 20))


@pytest.fixture
def office(open_office):
    return open_office("Optimer", "4400", "privacy@optimer.example", time_zone="America/Toronto")
