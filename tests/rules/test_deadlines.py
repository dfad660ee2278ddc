"""The dates the law sets, against vectors that were worked out apart."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.vectors import CALIFORNIA, MONTHS, figures

from voiceline.errors import DateError, ExtensionError, JurisdictionError
from voiceline.rules.business_days import Reading, add_business_days
from voiceline.rules.deadlines import (
    DEFAULT_TIME_ZONE,
    appeal_by,
    check_received_on,
    deadlines_for,
    extension,
    received_on,
)
from voiceline.rules.due_dates import add_months
from voiceline.rules.jurisdictions import JURISDICTIONS, Unit
from voiceline.rules.rights import RIGHTS, ClockClass, Right

CONFIRMED = [
    None,
    Right.KNOW_CATEGORIES,
    Right.KNOW_SPECIFIC,
    Right.PORTABILITY,
    Right.DELETE,
    Right.CORRECT,
    Right.ADMT_ACCESS,
]
"""California asks for an acknowledgement of these."""

STOPPED = [right for right, facts in RIGHTS.items() if facts.clock == ClockClass.STOP]
NOON = date(2026, 11, 21)

vectors = pytest.mark.parametrize("row", CALIFORNIA, ids=lambda row: str(row[0]))
days = st.dates(date(2020, 1, 1), date(2059, 12, 31))
rights = st.sampled_from([None, *Right])
moments = st.integers(0, 39 * 365 * 86400).map(
    lambda seconds: datetime(2020, 1, 2, tzinfo=UTC) + timedelta(seconds=seconds)
)
ZONES = ["America/Los_Angeles", "America/New_York", "Pacific/Honolulu", "Asia/Kolkata", "UTC"]
working_laws = st.sampled_from(
    [key for key, law in JURISDICTIONS.items() if law.figures.respond is not None]
)


@vectors
@pytest.mark.parametrize("right", CONFIRMED)
def test_most_rights_have_ten_business_and_45_days(row, right):
    received, literal, customary, _, _, respond, extended = row

    dates = deadlines_for(right, received)

    assert (dates.acknowledge.literal_by, dates.acknowledge.customary_by) == (literal, customary)
    assert (dates.acknowledge_by, dates.respond_by) == (literal, respond)
    assert dates.extended_by == extended
    assert dates.rule.startswith(f"us-ca/{right or 'unstated'}/45-days@")


@vectors
@pytest.mark.parametrize("right", STOPPED)
def test_an_opt_out_has_fifteen_business_days(row, right):
    received, _, _, literal, customary, _, _ = row

    dates = deadlines_for(right, received)

    assert (dates.acknowledge_by, dates.respond_by, dates.extended_by) == (None, literal, None)
    assert (dates.respond.literal_by, dates.respond.customary_by) == (literal, customary)
    assert dates.rule.startswith(f"us-ca/{right}/15-business-days@")


@pytest.mark.parametrize("row", MONTHS, ids=lambda row: str(row[0]))
@pytest.mark.parametrize("law", ["EU", "UK"])
def test_months_end_with_the_month(row, law):
    received, first, extended = row

    dates = deadlines_for(Right.DELETE, received, law)

    assert (dates.acknowledge_by, dates.respond_by, dates.extend.by) == (None, first, extended)


@pytest.mark.parametrize("row", figures(), ids=lambda row: row[0])
def test_each_law_has_its_own_days(row):
    law, in_force_on, respond, extended, appeal, appeal_extended = row
    received = max(date.fromisoformat(in_force_on or "2020-01-01"), NOON)

    asked = deadlines_for(Right.DELETE, received, law)
    appealed = deadlines_for(Right.APPEAL, received, law)

    assert str(asked.respond.rule.period) == respond
    assert _period(asked.extend) == extended
    assert _period(appealed.extend) == appeal_extended
    assert (None if appealed.respond.rule.is_house else _period(appealed.respond)) == appeal


def test_an_unknown_residence_has_californias_figures():
    unknown, california = deadlines_for(Right.DELETE, NOON), deadlines_for(None, NOON, "US-CA")

    assert unknown.respond_by == california.respond_by
    assert unknown.respond.rule.id == "us-ca/delete/45-days"
    assert unknown.respond.rule.jurisdiction == "UNKNOWN-US"


@pytest.mark.parametrize("law", ["US-OR", "US-RI"])
def test_withdrawn_consent_has_its_own_days(law):
    dates = deadlines_for(Right.WITHDRAW_CONSENT, NOON, law)

    assert (dates.respond_by, dates.extend) == (NOON + timedelta(days=15), None)


@pytest.mark.parametrize(
    ("right", "law", "rule"),
    [
        (Right.OPT_IN, "US-CA", "house/opt_in/45-days"),
        (Right.SWITCH_PURPOSE, None, "house/switch_purpose/45-days"),
        (Right.APPEAL, "US-UT", "house/appeal/45-days"),
        (Right.OTHER, "EU", "house/other/1-months"),
    ],
)
def test_what_no_law_dates_has_a_rule_of_the_house(right, law, rule):
    dates = deadlines_for(right, NOON, law)

    assert (dates.respond.rule.id, dates.respond.rule.is_house) == (rule, True)
    assert (dates.acknowledge, dates.extend) == (None, None)


@pytest.mark.parametrize(
    ("right", "law", "received", "granted"),
    [
        (Right.CORRECT, "US-IA", NOON, False),
        (Right.CORRECT, "US-UT", date(2026, 6, 30), False),
        (Right.CORRECT, "US-UT", date(2026, 7, 1), True),
        (Right.ADMT_ACCESS, "US-CA", date(2026, 12, 31), False),
        (Right.ADMT_ACCESS, "US-CA", date(2027, 1, 1), True),
        (Right.OPT_OUT_PROFILING, "US-UT", NOON, False),
        (Right.LIMIT, "US-VA", NOON, False),
        (Right.THIRD_PARTIES, "US-OR", NOON, True),
        (None, "US-VA", NOON, True),
    ],
)
def test_a_right_not_granted_is_answered_all_the_same(right, law, received, granted):
    dates = deadlines_for(right, received, law)

    assert dates.respond.is_granted is granted
    assert dates.respond_by == received + timedelta(days=dates.respond.rule.period.count)


def test_each_of_several_rights_has_its_own_clock():
    asked = [deadlines_for(right, NOON) for right in (Right.DELETE, Right.OPT_OUT, Right.OPT_IN)]

    assert len({one.respond_by for one in asked}) == 2
    assert [one.acknowledge_by is None for one in asked] == [False, True, True]


def test_an_extension_is_allowed_once():
    dates = deadlines_for(Right.DELETE, NOON)

    later = extension(dates, told_on=dates.respond_by)

    assert (later.by, later.counted_from) == (date(2027, 2, 19), NOON)
    with pytest.raises(ExtensionError, match="until 2027-02-19 already: that is allowed once"):
        extension(dates, told_on=NOON, extended=True)


def test_an_extension_told_too_late_is_none():
    dates = deadlines_for(Right.DELETE, NOON)

    with pytest.raises(ExtensionError, match="by 2027-01-05"):
        extension(dates, told_on=date(2027, 1, 6))


@pytest.mark.parametrize(
    ("right", "law"),
    [*((right, "US-CA") for right in STOPPED), (Right.DELETE, "CA-QC"), (Right.OPT_IN, None)],
)
def test_some_dates_cannot_be_extended(right, law):
    with pytest.raises(ExtensionError, match="no extension is allowed"):
        extension(deadlines_for(right, NOON, law), told_on=NOON)


def test_a_consumer_may_appeal_where_the_law_says_so():
    window = appeal_by(NOON, "US-CO")

    assert (window.by, window.counted_from) == (date(2027, 1, 20), NOON)
    assert window.rule.citation == JURISDICTIONS["US-CO"].citation
    assert window.rule.is_house
    assert appeal_by(NOON, "US-CA") is appeal_by(NOON) is appeal_by(NOON, "EU") is None


@given(rights, days, days, working_laws)
def test_later_receipt_never_makes_an_earlier_date(right, one, other, law):
    first, second = sorted([_in_force(one, law), _in_force(other, law)])

    earlier, later = deadlines_for(right, first, law), deadlines_for(right, second, law)

    assert earlier.respond_by <= later.respond_by
    assert (earlier.acknowledge_by or first) <= (later.acknowledge_by or second)
    assert (earlier.extend is None) == (later.extend is None)
    assert earlier.extend is None or earlier.extend.by <= later.extend.by


@given(rights, days, working_laws)
def test_no_date_is_later_than_the_statutes_count(right, day, law):
    received = _in_force(day, law)

    dates = deadlines_for(right, received, law)

    for due in filter(None, (dates.acknowledge, dates.respond, dates.extend)):
        assert received < due.by <= _latest(due.rule.period, received)
        assert due.by == min(due.literal_by, due.customary_by)
        assert due.counted_from == received


@given(rights, days, working_laws)
def test_an_extension_adds_to_the_first_date_once(right, day, law):
    received = _in_force(day, law)

    dates = deadlines_for(right, received, law)

    assert dates.acknowledge_by is None or received < dates.acknowledge_by < dates.respond_by
    if dates.extend:
        more = JURISDICTIONS[law].figures
        adds = more.appeal_extend if right == Right.APPEAL else more.extend
        first, total = dates.respond.rule.period, dates.extend.rule.period
        assert dates.respond_by < dates.extend.by
        assert total.count == first.count + adds.period.count
        assert extension(dates, told_on=received) == dates.extend


def test_a_jurisdiction_that_does_not_exist_is_refused():
    with pytest.raises(JurisdictionError, match=r"no jurisdiction 'US-XX'.*US-VA.*leave it out"):
        deadlines_for(Right.DELETE, NOON, "US-XX")


def test_a_law_without_figures_is_refused():
    with pytest.raises(JurisdictionError, match=r"LDPA.*not established.*California's"):
        deadlines_for(Right.DELETE, date(2027, 2, 1), "US-LA")


@pytest.mark.parametrize(
    ("received", "law"),
    [
        (date(2019, 12, 31), None),
        (date(2019, 12, 31), "US-CA"),
        (date(2025, 12, 31), "US-KY"),
        (date(2026, 12, 31), "US-OK"),
        (date.min, "EU"),
    ],
)
def test_a_date_before_the_law_is_refused(received, law):
    with pytest.raises(DateError, match=rf"{received} is before the law.*from 2020-01-01"):
        deadlines_for(Right.DELETE, received, law)


@pytest.mark.parametrize("law", [None, "US-VA", "EU", "CA-FED"])
@pytest.mark.parametrize("received", [date(2060, 1, 1), date.max])
def test_a_date_past_the_calendar_is_refused(received, law):
    with pytest.raises(DateError, match="past our calendar"):
        deadlines_for(Right.DELETE, received, law)


@given(rights, st.dates(), st.one_of(working_laws, st.text(max_size=9), st.none()))
def test_bad_input_is_refused_in_words(right, received, law):
    refused = suppress(JurisdictionError, DateError)

    with refused:
        assert deadlines_for(right, received, law).respond_by > received


def test_a_date_to_come_is_no_day_of_receipt():
    check_received_on(NOON, today=NOON)

    with pytest.raises(DateError, match="2026-11-22 is still to come"):
        check_received_on(NOON + timedelta(days=1), today=NOON)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 7, 59, 59, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 20, 8, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 7, 1, 6, 59, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 11, 22, 7, 30, tzinfo=UTC), date(2026, 11, 21)),
    ],
    ids=[
        "before midnight",
        "midnight",
        "before in summer",
        "in summer",
        "the long night",
        "the evening before",
    ],
)
def test_a_day_begins_where_the_business_is(moment, day):
    assert received_on(moment, DEFAULT_TIME_ZONE) == day


@given(moments, moments, st.sampled_from(ZONES))
def test_a_later_moment_never_has_an_earlier_day(one, other, zone):
    first, second = sorted([one, other])

    assert received_on(first, zone) <= received_on(second, zone)
    assert abs((received_on(first, zone) - first.date()).days) <= 1


def test_a_moment_without_a_zone_has_no_day():
    with pytest.raises(ValueError, match="naive"):
        received_on(datetime(2026, 11, 20, 8), DEFAULT_TIME_ZONE)  # noqa: DTZ001


def _period(due):
    return due and str(due.rule.period)


def _in_force(day, law):
    """Move a day into the time of the law."""
    since = JURISDICTIONS[law].in_force_on or date(2020, 1, 1)
    return max(day, since)


def _latest(period, received):
    """Answer the latest day that the statute's own words could mean."""
    if period.unit == Unit.BUSINESS_DAYS:
        return add_business_days(received, period.count, Reading.CUSTOMARY)
    if period.unit == Unit.MONTHS:
        return add_months(received, period.count)
    return received + timedelta(days=period.count)
