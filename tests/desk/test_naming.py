"""Naming what is asked, by whom and where they live: each right's clock runs from receipt."""

from __future__ import annotations

from datetime import date

import pytest
from desks import DAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voiceline import desk as verbs
from voiceline.desk import Means
from voiceline.errors import JurisdictionError, MoveError
from voiceline.models import EventKind, ResidenceSource
from voiceline.rules.denials import Code, Reason
from voiceline.rules.jurisdictions import JURISDICTIONS, UNKNOWN, jurisdiction_of
from voiceline.rules.lifecycle import RequestStatus, RightStatus
from voiceline.rules.rights import Right, RightSource
from voiceline.rules.standings import Standing

TOLD = ResidenceSource.TOLD
PLACES = [key for key, law in JURISDICTIONS.items() if law.figures.respond and not law.sectoral]


def test_what_nobody_named_gets_its_name_and_dates(desk):
    desk.asks(None)
    desk.wait(3 * DAY)

    event = desk.do(verbs.name_right, Right.OPT_OUT)

    (right,) = desk.request.rights
    assert (right.right, right.source) == (Right.OPT_OUT, RightSource.CONFIRMED)
    assert right.due_by == desk.request.respond_by == date(2026, 12, 10)
    assert desk.request.acknowledge_by is None
    assert (event.right, event.facts["respond_by"]) == (right, "2026-12-10")


def test_another_right_runs_from_the_day_of_receipt(desk):
    desk.wait(10 * DAY)

    desk.do(verbs.name_right, Right.LIMIT)

    assert desk.right(Right.LIMIT).due_by == date(2026, 12, 10)
    assert desk.right(Right.DELETE).due_by == date(2027, 1, 5)
    assert desk.request.respond_by == date(2026, 12, 10)


def test_a_right_is_named_once(desk):
    with pytest.raises(MoveError, match=r"^Delete: it is asked for already, and open\.$"):
        desk.do(verbs.name_right, Right.DELETE)


def test_what_was_keyed_stands(desk):
    desk.do(verbs.name_right, Right.CORRECT)

    with pytest.raises(MoveError, match=r"^The consumer chose it"):
        desk.do(verbs.name_right, Right.LIMIT, instead_of=desk.right(Right.DELETE))
    with pytest.raises(MoveError, match=r"^The consumer chose it"):
        desk.do(verbs.strike_right, desk.right(Right.DELETE), because="misheard")

    assert [right.right for right in desk.request.asked_rights] == [Right.DELETE, Right.CORRECT]


def test_a_misheard_right_is_corrected(desk):
    desk.asks(None)
    desk.do(verbs.name_right, Right.OPT_OUT)

    event = desk.do(verbs.name_right, Right.DELETE, instead_of=desk.right(Right.OPT_OUT))

    assert desk.right(Right.OPT_OUT).status == RightStatus.STRUCK
    assert [right.right for right in desk.request.asked_rights] == [Right.DELETE]
    assert desk.request.respond_by == date(2027, 1, 5)
    assert event.facts["instead_of"] == "opt_out"


def test_a_struck_right_can_be_named_again(desk):
    desk.do(verbs.name_right, Right.CORRECT)
    desk.do(verbs.strike_right, desk.right(Right.CORRECT), because="misheard")

    desk.do(verbs.name_right, Right.CORRECT)

    assert desk.right(Right.CORRECT).status == RightStatus.OPEN
    assert len(desk.request.rights) == 2


def test_the_last_right_is_not_struck_out(desk):
    desk.asks(None)
    desk.do(verbs.name_right, Right.DELETE)

    with pytest.raises(MoveError, match=r"^Nothing else is asked for"):
        desk.do(verbs.strike_right, desk.right(), because="misheard")


def test_an_answered_right_is_not_struck_out(desk):
    desk.do(verbs.name_right, Right.OPT_OUT)
    desk.do(verbs.complete, desk.right(Right.OPT_OUT), done="Opted out.")

    with pytest.raises(MoveError, match=r"^It cannot be struck out: it is completed"):
        desk.do(verbs.strike_right, desk.right(Right.OPT_OUT), because="misheard")


def test_a_right_named_after_the_answer_opens_the_request(desk):
    desk.do(verbs.acknowledge, how=Means.EMAIL)
    desk.do(verbs.withdraw)

    desk.do(verbs.name_right, Right.CORRECT)

    assert desk.request.status == RequestStatus.ACKNOWLEDGED
    assert desk.request.finished_at is None


def test_a_residence_brings_its_own_law(desk):
    event = desk.do(verbs.set_residence, "US-IA", source=TOLD)

    request, right = desk.request, desk.right()
    assert (request.residence, request.residence_source) == ("US-IA", TOLD)
    assert (request.jurisdiction, right.due_by) == ("US-IA", date(2027, 2, 19))
    assert right.rule.startswith("us-ia/delete/90-days@")
    assert (request.respond_by, request.acknowledge_by) == (date(2027, 2, 19), None)
    assert event.facts == {"residence": "US-IA", "jurisdiction": "US-IA"}


def test_a_date_the_consumer_was_told_stands(desk):
    desk.do(verbs.acknowledge, how=Means.LETTER)

    desk.do(verbs.set_residence, "US-IA", source=TOLD)

    assert desk.right().due_by == desk.request.respond_by == date(2027, 1, 5)
    assert desk.right().rule.startswith("us-ca/delete/45-days@")
    assert desk.request.jurisdiction == "US-IA"


def test_what_an_appeal_reopened_stays_due_when_the_decision_was(desk):
    desk.do(verbs.deny, desk.right(), reasons=[Reason(Code.TRANSACTION, "A warranty.")])
    desk.do(verbs.appeal, desk.right(), received_on=date(2026, 11, 21))
    desk.do(verbs.decide_appeal, desk.right(), stands=False, because="We were wrong.")
    due = desk.right().due_by
    desk.right().due_by = due = due + 9 * DAY

    desk.do(verbs.set_residence, "US-VA", source=TOLD)

    assert desk.right().due_by == desk.request.respond_by == due


def test_a_right_named_again_keeps_the_extension_that_was_told(desk):
    desk.do(verbs.name_right, Right.CORRECT)
    desk.do(verbs.extend, desk.right(Right.CORRECT), because="Many systems.", told_on=desk.today)
    later = desk.right(Right.CORRECT).extended_by
    desk.do(verbs.strike_right, desk.right(Right.CORRECT), because="Misheard.")

    desk.do(verbs.name_right, Right.CORRECT)

    assert desk.right(Right.CORRECT).due_by == later


def test_an_earlier_date_of_the_law_is_taken(desk):
    desk.do(verbs.acknowledge, how=Means.LETTER)

    desk.do(verbs.set_residence, "EU", source=TOLD)

    assert desk.right().due_by == date(2026, 12, 21)


def test_a_told_extension_is_never_made_longer(desk):
    desk.do(verbs.extend, desk.right(), because="Three systems", told_on=desk.today)

    desk.do(verbs.set_residence, "US-FL", source=TOLD)

    assert desk.right().extended_by == desk.right().due_by == date(2027, 1, 20)


def test_a_state_without_a_law_has_californias_dates(desk):
    due = desk.right().due_by

    desk.do(verbs.set_residence, "US-NY", source=TOLD)

    assert (desk.request.residence, desk.request.jurisdiction) == ("US-NY", UNKNOWN)
    assert desk.right().due_by == due


def test_a_place_that_is_none_is_refused(desk):
    with pytest.raises(JurisdictionError, match=r"Write it like US-CA"):
        desk.do(verbs.set_residence, "Atlantis", source=TOLD)

    assert desk.request.residence is None


def test_a_standing_is_noted(desk):
    event = desk.do(verbs.set_standing, Standing.AGENT)

    assert desk.request.standing == Standing.AGENT
    assert (event.kind, event.facts) == (EventKind.STANDING_SET, {"standing": "agent"})


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=4), right=st.sampled_from(Right)
)
def test_no_residence_makes_a_told_date_later(desk, places, right):
    desk.asks(right)
    desk.do(verbs.acknowledge, how=Means.LETTER)
    dates = [desk.right().due_by]

    for place in places:
        if jurisdiction_of(place, desk.request.received_on) == place:
            desk.do(verbs.set_residence, place, source=TOLD)
            dates.append(desk.right().due_by)

    assert dates == sorted(dates, reverse=True)
    assert desk.request.respond_by == dates[-1]
