from __future__ import annotations

import statistics
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.denials import CountedAs
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.metrics import HEADS, OUTCOMES, Bucket, Outcome, bucket_of, figures
from voiceline.rules.rights import Right

DAY = date(2026, 12, 30)


def bucket(outcome: Outcome = Outcome.COMPLIED, days: int = 0) -> Bucket:
    counted_as = "other" if outcome is Outcome.DENIED else ""
    return Bucket(2026, "delete", outcome, counted_as, days)


@given(days=st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_median_and_mean_are_those_of_the_days(days):
    found = figures([(bucket(days=day), count) for day, count in Counter(days).items()])

    assert found.median_days == statistics.median(days)
    assert found.mean_days == pytest.approx(statistics.fmean(days))


def test_without_an_answer_there_is_no_median():
    found = figures([(bucket(Outcome.OPEN), 3), (bucket(Outcome.WITHDRAWN), 1)])

    assert (found.median_days, found.mean_days) == (None, None)
    assert (found.received, found.complied) == (4, 0)


def test_what_is_no_answer_is_not_in_the_days():
    tallies = [(bucket(days=10), 1), (bucket(Outcome.REDIRECTED), 5), (bucket(Outcome.OPEN), 5)]

    found = figures(tallies)

    assert (found.median_days, found.mean_days, found.received) == (10, 10, 11)


def test_in_part_counts_as_complied_and_is_told_apart():
    found = figures([(bucket(Outcome.PARTLY, 3), 2), (bucket(days=3), 5)])

    assert (found.complied, found.counts[Outcome.PARTLY]) == (7, 2)


def test_a_request_counts_in_the_year_it_came():
    found = bucket_of(
        right=Right.DELETE,
        received_on=DAY,
        status=RightStatus.DENIED,
        outcome=Outcome.DENIED,
        counted_as=CountedAs.UNVERIFIED,
        answered_on=date(2027, 1, 4),
    )

    assert found == Bucket(2026, "delete", Outcome.DENIED, "unverified", 5)


def test_what_nobody_asked_for_is_not_counted():
    found = bucket_of(
        right=Right.DELETE,
        received_on=DAY,
        status=RightStatus.STRUCK,
        outcome=Outcome.OPEN,
        counted_as=None,
        answered_on=None,
    )

    assert found is None


def test_every_state_of_a_right_is_counted_somehow():
    apart = {RightStatus.APPEALED, RightStatus.STRUCK}

    assert set(OUTCOMES) | apart == set(RightStatus)


def test_no_right_is_under_two_heads():
    listed = [right for rights in HEADS.values() for right in rights]

    assert len(listed) == len(set(listed))
