"""References: eight random digits and a check digit that catches what fingers do."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.references import (
    LENGTH,
    check_digit,
    grouped,
    is_reference,
    new_reference,
)

references = (
    st.integers(0, 10**8 - 1)
    .map(lambda number: f"{number:08d}")
    .map(lambda digits: digits + check_digit(digits))
)


@pytest.mark.parametrize(("digits", "check"), [("572", "4"), ("0000", "0"), ("43881234567", "9")])
def test_the_check_digit_is_damms(digits, check):
    assert check_digit(digits) == check


@given(references, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(reference, place, shift):
    wrong = str((int(reference[place]) + shift) % 10)

    assert not is_reference(reference[:place] + wrong + reference[place + 1 :])


@given(references, st.integers(0, LENGTH - 2))
def test_every_swap_of_neighbours_is_caught(reference, place):
    left, right = reference[place], reference[place + 1]

    swapped = reference[:place] + right + left + reference[place + 2 :]

    assert is_reference(swapped) == (left == right)


def test_no_pair_of_digits_may_be_swapped_anywhere():
    for interim in range(10):
        for left in range(10):
            for right in range(10):
                start = _digits_to(interim)
                same = check_digit(f"{start}{left}{right}") == check_digit(f"{start}{right}{left}")
                assert same == (left == right)


@given(references)
def test_a_right_reference_is_right(reference):
    assert is_reference(reference)


@given(references, st.sampled_from(["", " ", "\n", "0", "-", "\u0661"]), st.booleans())
def test_a_reference_with_anything_more_is_none(reference, more, before):
    longer = more + reference if before else reference + more

    assert is_reference(longer) == (more == "")


@pytest.mark.parametrize("text", ["", "12345678", "1234567890", "abcdefghi", "\u0660" * 9, "-" * 9])
def test_a_text_of_another_form_is_no_reference(text):
    assert not is_reference(text)


@given(st.integers())
def test_a_drawn_reference_checks_and_keeps_its_zeros(seed):
    reference = new_reference(Random(seed))

    assert is_reference(reference)
    assert len(reference) == LENGTH


def test_references_are_drawn_from_all_there_are():
    chance = Random(1)

    drawn = {new_reference(chance) for _ in range(2000)}

    assert len(drawn) > 1990
    assert {reference[0] for reference in drawn} == set("0123456789")


@given(references)
def test_a_reference_is_grouped_without_loss(reference):
    assert grouped(reference).replace("-", "") == reference
    assert [len(part) for part in grouped(reference, " ").split()] == [3, 3, 3]


def _digits_to(interim):
    """Answer digits after which the check stands at `interim`."""
    return next(digit for digit in "0123456789" if check_digit(digit) == str(interim))
