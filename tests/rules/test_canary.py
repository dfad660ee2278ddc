"""When a canary call is due, what counts as trouble, and what its document says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from voiceline.rules.canary import (
    AT_ONCE,
    SECOND_OPINION,
    CanaryOutcome,
    CanaryStep,
    Judged,
    holds_words,
    is_silent,
    is_trouble,
    next_in_turn,
    next_wait,
    write_script,
)
from voiceline.simulator import read_twiml

AT = datetime(2026, 11, 21, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE, TWO = "+18005550100", "+18005550101"


def failed(step: CanaryStep = CanaryStep.COLLECTED) -> Judged:
    return Judged(AT, CanaryOutcome.FAILED, step)


GOOD = Judged(AT, CanaryOutcome.OK)


@pytest.mark.parametrize(
    ("last", "wait"),
    [
        ([], HOUR),
        ([GOOD], HOUR),
        ([failed()], SECOND_OPINION),
        ([failed(), GOOD], SECOND_OPINION),
        ([failed(), failed()], HOUR),
        ([GOOD, failed()], HOUR),
    ],
)
def test_a_first_failure_alone_hurries(last, wait):
    assert next_wait(last, HOUR) == wait


@pytest.mark.parametrize("step", sorted(AT_ONCE))
def test_what_callers_meet_is_trouble_after_one_call(step):
    assert is_trouble([failed(step)])


@pytest.mark.parametrize("step", sorted(set(CanaryStep) - AT_ONCE))
def test_what_is_repeated_by_itself_is_trouble_after_two(step):
    assert not is_trouble([failed(step)])
    assert is_trouble([failed(step), failed(step)])


def test_every_number_has_its_turn_in_every_language():
    turn, seen = None, []
    for _ in range(5):
        turn = next_in_turn((ONE, TWO), turn)
        seen.append(turn)

    assert seen == [(ONE, "en"), (TWO, "en"), (ONE, "es"), (TWO, "es"), (ONE, "en")]


def test_a_number_that_left_the_settings_begins_the_turns_anew():
    assert next_in_turn((TWO,), (ONE, "es")) == (TWO, "en")


def test_silence_is_told_after_two_periods():
    assert is_silent(None, HOUR, AT)
    assert not is_silent(AT - 2 * HOUR, HOUR, AT)
    assert is_silent(AT - 3 * HOUR, HOUR, AT)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_document_is_one_the_carrier_reads(language):
    url = "https://line.example/media/canary/en.wav?a=1&b=2"

    document = write_script("11812345", language, url)

    assert len(document) < 4000
    assert len(read_twiml(document.encode(), "text/xml").verbs) > 10


@pytest.mark.parametrize(
    ("draft", "found"),
    [
        ("I would like you to delete all of my personal information.", True),
        ("would like to delete personal", True),
        ("hello", False),
        ("", False),
    ],
)
def test_half_of_the_words_are_enough(draft, found):
    assert holds_words(draft, "en") == found
