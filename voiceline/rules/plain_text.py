"""Text from outside, without what is no text: PostgreSQL refuses NUL, and a page may be misled."""

from __future__ import annotations

import re
import unicodedata

_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """Drop control characters and overrides of the writing direction; tabs and lines stay."""
    return _NOT_TEXT.sub("", text)


def has_visible(text: str) -> bool:
    """Tell whether anything in the text can be seen: not only spaces, joiners and marks."""
    return any(unicodedata.category(letter)[0] in "LNPS" for letter in text)


def read_name(text: str, most: int) -> str | None:
    """Answer a name on one line, or None where nobody could see it or it is too long."""
    name = without_lines(text)
    return name if has_visible(name) and len(name) <= most else None


def without_lines(text: str) -> str:
    """Answer the text on one line, composed (NFC), without controls and doubled spaces."""
    composed = unicodedata.normalize("NFC", without_controls(text))
    return " ".join(composed.split())
