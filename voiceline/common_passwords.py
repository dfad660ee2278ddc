"""What everybody's first passwords are made of: one common word or two, dressed up with digits.

ASVS 5.0, 6.2.4. common_passwords.txt holds the words; with digits and signs around and between them
they are far more than the 3,000 passwords that are asked for, and no network is.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_DISGUISES = str.maketrans("4@831!05$7", "aabeiiosst")
"""Digits and signs that people write for letters."""

_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NO_LETTER = re.compile(r"[\W\d_]")


def letters_of(text: str) -> str:
    """Answer the letters alone: digits and signs around a word make no secret of it."""
    return _NO_LETTER.sub("", text)


def is_common(lower: str) -> bool:
    """Tell whether a password in lower case is one common word, two, or one again and again."""
    disguised = _EDGES.sub("", lower).translate(_DISGUISES)
    return any(_is_made_of_words(letters) for letters in {letters_of(lower), letters_of(disguised)})


def _is_made_of_words(letters: str) -> bool:
    words = common_words()
    for at in range(1, len(letters)):
        first, rest = letters[:at], letters[at:]
        if first in words and (rest in words or letters == first * (len(letters) // at)):
            return True
    return letters in words


@cache
def common_words() -> frozenset[str]:
    """Answer the words of the list."""
    listed = files("voiceline").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(listed.split())
