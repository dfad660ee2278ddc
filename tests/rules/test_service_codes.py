"""Service codes: strings of digits that begin with no key of the first prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.rights import KEYS
from voiceline.rules.service_codes import (
    HELP_KEY,
    LANGUAGE_KEY,
    MAX_LENGTH,
    OPERATOR_CODE,
    STATUS_KEY,
    complaint_about,
    is_service_code,
)

MENU = {HELP_KEY, LANGUAGE_KEY, STATUS_KEY}
ASCII_DIGITS = "0123456789"


@pytest.mark.parametrize("code", ["1", "3", "4021", "88888888", "10000000", "7"])
def test_a_good_code_is_a_code(code):
    assert is_service_code(code)
    assert complaint_about(code) is None


@pytest.mark.parametrize("code", ["", "0", "2", "9", "007", "2468", "999", "402140214"])
def test_a_code_that_would_be_misheard_is_refused(code):
    assert not is_service_code(code)
    assert complaint_about(code)


@pytest.mark.parametrize(
    "code",
    [
        *("4021 ", " 4021", "40 21", "+4021", "-1", "1e3", "4.0", "4_0", "4021\n", "4021\x00", "x"),
        *("\u0664\u0660\u0662\u0661", "\uff14\uff10\uff12\uff11", "\u00b9", "4\u0660"),
    ],
)
def test_what_only_looks_like_a_code_is_none(code):
    assert not is_service_code(code)
    assert "is not a service code" in complaint_about(code)


@given(st.text(max_size=12))
def test_only_digits_of_our_keypad_are_codes(text):
    expected = (
        0 < len(text) <= MAX_LENGTH and set(text) <= set(ASCII_DIGITS) and text[0] not in MENU
    )

    assert is_service_code(text) == expected


@given(st.text(max_size=12))
def test_every_text_is_a_code_or_is_complained_about(text):
    assert is_service_code(text) == (complaint_about(text) is None)


@given(st.from_regex(r"[13-8][0-9]{0,6}", fullmatch=True))
def test_a_zero_before_a_code_makes_another_text(code):
    assert is_service_code(code)
    assert not is_service_code("0" + code)


def test_no_menu_key_begins_a_code():
    assert not any(is_service_code(key) for key in MENU)
    assert is_service_code(OPERATOR_CODE)
    assert len(MENU) == 3


def test_a_complaint_says_what_to_do():
    assert complaint_about("123456789").endswith("at most 8.")
    assert "starts with 9" in complaint_about("9021")
    assert "such as 4021" in complaint_about("shoes")


def test_the_menu_of_rights_uses_four_keys():
    assert list(KEYS) == ["1", "2", "3", "4"]
