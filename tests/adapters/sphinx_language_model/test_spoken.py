from __future__ import annotations

import random

import pytest

from voiceline.adapters.sphinx_language_model.spoken import digits, pair


def test_digits_are_said_one_by_one():
    chance = random.Random(1)

    said = digits("4156", chance)

    assert said == "four one five six"


def test_zero_is_sometimes_said_as_oh():
    chance = random.Random(1)

    said = {digits("0", chance) for _ in range(100)}

    assert said == {"zero", "oh"}


def test_doubled_digit_is_sometimes_said_double():
    chance = random.Random(1)

    said = {digits("556", chance) for _ in range(300)}

    assert said == {"five five six", "double five six"}


@pytest.mark.parametrize(
    ("number", "said"), [(10, "ten"), (19, "nineteen"), (20, "twenty"), (99, "ninety nine")]
)
def test_pair_of_digits_is_said_as_number(number, said):
    assert pair(number) == said
