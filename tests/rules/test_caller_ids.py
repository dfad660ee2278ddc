"""Caller ids: a phone number, or the reason why there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.caller_ids import read_caller_id

KEYPAD_SPELLINGS = {
    "+266696687": "anonymous",
    "+7378742833": "restricted",
    "+86282452253": "unavailable",
    "+2562533": "blocked",
    "+8656696": "unknown",
    "+7748283": "private",
}


@pytest.mark.parametrize(
    "number", ["+14155550123", "+442079460123", "+4930123456", "+8613912345678", "+123456789012345"]
)
def test_a_plain_number_is_kept_as_it_is(number):
    assert read_caller_id(number).number == number
    assert read_caller_id(f" {number}\n").number == number


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        *((word, "withheld") for word in KEYPAD_SPELLINGS.values()),
        *((word.upper(), "withheld") for word in KEYPAD_SPELLINGS.values()),
        *((number, "withheld") for number in KEYPAD_SPELLINGS),
        ("", "missing"),
        (None, "missing"),
        ("   ", "missing"),
        ("client:eve", "not_a_phone"),
        ("SIP:eve@example.com", "not_a_phone"),
        ("sips:eve@example.com", "not_a_phone"),
        ("4155550123", "malformed"),
        ("+0123456789", "malformed"),
        ("+123456", "malformed"),
        ("+1234567890123456", "malformed"),
        ("+1 415 555 0123", "malformed"),
        ("+1415555012x", "malformed"),
        ("<script>", "malformed"),
        ("+\u0661\u0664\u0661\u0665\u0665\u0665\u0665", "malformed"),
        ("+1415\n5550123", "malformed"),
    ],
)
def test_no_number_has_a_reason(raw, reason):
    caller = read_caller_id(raw)

    assert (caller.number, caller.unknown_because) == (None, reason)


@given(st.one_of(st.none(), st.text(max_size=60)))
def test_there_is_a_number_or_a_reason_never_both(raw):
    caller = read_caller_id(raw)

    assert (caller.number is None) != (caller.unknown_because is None)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_number_is_never_changed(number):
    caller = read_caller_id(number)

    assert caller.number in {number, None}
    assert (caller.number is None) == (number in KEYPAD_SPELLINGS)
