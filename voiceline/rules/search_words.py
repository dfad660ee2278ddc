"""Words as they are searched for: what a document holds of a text, and what somebody asks for.

Case and accents do not count. A word is found by its beginning, also behind a mark within it:
`acme.com` finds `jane@acme.com`. Every mark is itself, so no pattern can be asked for. A number is
found however its digits are grouped, and without the code of its country.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_ASKED = 200
"""Characters of what is asked; the others are not read."""

LONGEST_WORD = 60
MOST_WORDS = 6000
"""Of one document: ten minutes of speech have a quarter of them."""

MOST_TAILS = 8
EDGES = ".,;:!?\"'()[]{}<>«»“”‘’¿¡…-–—/|*#~`"  # noqa: RUF001 - marks, not letters
"""Marks that are no part of a word at its ends."""

_NUMBER = re.compile(r"\+?\d[\d\s().\-]{5,}\d")
_GROUPED = re.compile(r"[\d+().\-]*\d[\d+().\-]*")
_WITHIN = re.compile(r"[^\w]+|_+")
_COUNTRY_CODES = (0, 1, 2, 3)
_TAILS = (7, 4)
SHORTEST_NUMBER = 4

Alternatives = tuple[tuple[str, ...], ...]
"""One of these must be there with all of its words."""


def plain(text: str) -> str:
    """Answer the text without case and accents."""
    spread = unicodedata.normalize("NFKD", text)
    return "".join(each for each in spread if not unicodedata.combining(each)).casefold()


def words_of(texts: Iterable[str | None]) -> list[str]:
    """Answer what can be searched for in the texts, sorted, each once."""
    found: set[str] = set()
    for text in texts:
        for number in _NUMBER.findall(text or ""):
            found |= number_words(number)
        for piece in plain(text or "").split():
            found |= _tails(piece.strip(EDGES))
            if len(found) > MOST_WORDS:
                return sorted(found)[:MOST_WORDS]
    return sorted(found)


def number_words(number: str) -> set[str]:
    """Answer the ways in which somebody may begin to write the number."""
    digits = _digits(number)[:LONGEST_WORD]
    starts = {digits[cut:] for cut in _COUNTRY_CODES} | {digits[-cut:] for cut in _TAILS}
    return {each for each in starts if len(each) >= SHORTEST_NUMBER}


def asked_for(text: str) -> list[Alternatives]:
    """Answer what is asked for: each of the list must be met; an empty one asks for nothing."""
    pieces = plain(text[:MOST_ASKED]).split()
    asked: list[Alternatives] = []
    for is_number, group in groupby(pieces, lambda each: _GROUPED.fullmatch(each) is not None):
        words = tuple(word for piece in group if (word := piece.strip(EDGES)[:LONGEST_WORD]))
        if is_number and words:
            joined = _digits("".join(words))[:LONGEST_WORD]
            ways = dict.fromkeys((words, (joined,), (joined.lstrip("0") or joined,)))
            asked.append(tuple(ways))
        else:
            asked += [((word,),) for word in words]
    return asked


def _tails(word: str) -> set[str]:
    """Answer the word, and what follows each mark within it."""
    starts = [0, *(mark.end() for mark in _WITHIN.finditer(word))][:MOST_TAILS]
    return {tail for start in starts if (tail := word[start : start + LONGEST_WORD])}


def _digits(text: str) -> str:
    return "".join(each for each in text if each in "0123456789")
