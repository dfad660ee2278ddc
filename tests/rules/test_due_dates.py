"""One due date: its readings, its months, and how it is written down and read back."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules.vectors import MONTHS

from voiceline.rules.deadlines import appeal_by, deadlines_for
from voiceline.rules.due_dates import add_months, from_record, to_record
from voiceline.rules.explanations import why
from voiceline.rules.jurisdictions import JURISDICTIONS, TABLE_VERSION
from voiceline.rules.rights import Right

NOON = date(2027, 6, 1)
LAWS = [key for key, law in JURISDICTIONS.items() if law.figures.respond and law.is_in_force(NOON)]


@pytest.mark.parametrize("row", MONTHS, ids=lambda row: str(row[0]))
def test_a_month_ends_on_its_last_day(row):
    start, one, three = row

    assert (add_months(start, 1), add_months(start, 3)) == (one, three)


@given(st.dates(date(2020, 1, 1), date(2059, 12, 31)), st.integers(0, 12))
def test_months_keep_the_day_or_clamp_it(start, count):
    end = add_months(start, count)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


@given(st.sampled_from([None, *Right]), st.sampled_from(LAWS))
def test_what_was_written_down_is_read_back_the_same(right, law):
    dates = deadlines_for(right, NOON, law)
    dues = [dates.acknowledge, dates.respond, dates.extend, appeal_by(NOON, law)]

    for due in filter(None, dues):
        assert from_record(json.loads(json.dumps(to_record(due)))) == due


def test_a_stored_date_does_not_move_with_the_table():
    record = to_record(deadlines_for(Right.DELETE, NOON, "US-VA").respond)
    record |= {"table_version": "2019-01-01", "period": {"count": 30, "unit": "days"}}
    record |= {"by": "2027-07-01", "literal_by": "2027-07-01", "customary_by": "2027-07-01"}

    due = from_record(record)

    assert due.by == date(2027, 7, 1)
    assert "30 calendar days" in why(due)
    assert "table of 2019-01-01" in why(due)


def test_a_rule_is_stored_with_the_version_of_its_table():
    due = deadlines_for(Right.OPT_OUT, NOON).respond

    assert due.rule_id == f"us-ca/opt_out/15-business-days@{TABLE_VERSION}"


def test_a_date_cannot_be_changed():
    due = deadlines_for(Right.DELETE, NOON).respond

    with pytest.raises(FrozenInstanceError):
        due.by = NOON


@given(st.sampled_from([None, *Right]), st.sampled_from(LAWS))
def test_every_rule_fits_its_column(right, law):
    dates = deadlines_for(right, NOON, law)

    for due in filter(None, (dates.acknowledge, dates.respond, dates.extend)):
        assert len(due.rule_id) <= 100
