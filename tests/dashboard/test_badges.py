from __future__ import annotations

from datetime import date, timedelta

import pytest
from factories import AT, make_business, make_code, make_request, make_user

from voiceline.dashboard.badges import (
    ICONS,
    Tone,
    acknowledge_badge,
    countdown,
    respond_badge,
    watch_badge,
)
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.jurisdictions import JURISDICTIONS, Unit
from voiceline.rules.rights import Right

RECEIVED = date(2026, 11, 21)
LAWS = sorted(key for key, law in JURISDICTIONS.items() if law.figures.respond)


@pytest.mark.parametrize(
    ("days", "tone", "text"),
    [
        (0, Tone.CALM, "45 days left"),
        (33, Tone.CALM, "12 days left"),
        (34, Tone.URGENT, "11 days left"),
        (44, Tone.URGENT, "1 day left"),
        (45, Tone.URGENT, "Due today"),
        (46, Tone.OVERDUE, "1 day overdue"),
        (100, Tone.OVERDUE, "55 days overdue"),
    ],
)
def test_badge_counts_the_days(request_, days, tone, text):
    badge = respond_badge(request_, RECEIVED + timedelta(days=days))

    assert (badge.tone, badge.text, badge.on) == (tone, text, date(2027, 1, 5))


@pytest.mark.parametrize("law", LAWS)
def test_day_before_a_date_of_calendar_days_is_red(law):
    """11 CCR 7021(b) lets the period begin on the day of receipt, so it may be the last."""
    came = date(2029, 3, 1)
    dates = [deadlines_for(right, came, law) for right in (None, *Right)]
    dues = [due for each in dates for due in (each.respond, each.extend, each.acknowledge) if due]

    badges = {
        due.rule_id: countdown(came, due.by, due.by - timedelta(days=1)).tone
        for due in dues
        if due.rule.period.unit == Unit.DAYS
    }

    assert set(badges.values()) <= {Tone.URGENT}, badges


@pytest.mark.parametrize(
    ("verb", "tone", "text"),
    [
        ("complete", Tone.DONE, "Completed"),
        ("deny", Tone.ENDED, "Denied"),
        ("withdraw", Tone.ENDED, "Withdrawn"),
    ],
)
def test_finished_request_has_no_countdown(session, request_, verb, tone, text):
    getattr(request_, verb)(at=AT, by=make_user(session).id)
    request_.rights[0].tell(RECEIVED)
    request_.follow_rights(AT)

    badge = respond_badge(request_, RECEIVED + timedelta(days=100))

    assert (badge.tone, badge.text, badge.on) == (tone, text, None)


@pytest.mark.parametrize(
    ("days", "tone", "text"),
    [
        (1, Tone.CALM, "Denied, not told yet: 44 days left"),
        (45, Tone.URGENT, "Denied, not told yet: due today"),
        (46, Tone.OVERDUE, "Denied, not told yet: 1 day overdue"),
    ],
)
def test_answer_nobody_was_told_counts_on(session, request_, days, tone, text):
    request_.deny(at=AT, by=make_user(session).id)

    badge = respond_badge(request_, RECEIVED + timedelta(days=days))

    assert (badge.tone, badge.text) == (tone, text)
    assert badge == watch_badge(request_, RECEIVED + timedelta(days=days))


def test_list_counts_to_what_is_first(request_):
    badge = watch_badge(request_, RECEIVED)

    assert (badge.text, badge.on) == ("13 days left", request_.acknowledge_by)


def test_receipt_is_to_be_confirmed_within_ten_business_days(request_):
    badge = acknowledge_badge(request_, RECEIVED)

    assert (badge.text, badge.on) == ("13 days left", date(2026, 12, 4))


def test_confirmed_receipt_is_owed_no_more(request_):
    request_.acknowledge(how="oral/1", at=AT)

    assert acknowledge_badge(request_, RECEIVED) is None


def test_opt_out_needs_no_confirmation(code, session):
    request = make_request(session, code, right=Right.OPT_OUT)

    assert acknowledge_badge(request, RECEIVED) is None


def test_every_tone_has_an_icon():
    assert set(ICONS) == set(Tone)


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def request_(session, code):
    return make_request(session, code)
