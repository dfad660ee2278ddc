"""Text from outside, without what is no text: PostgreSQL refuses NUL, and a page may be misled."""

from __future__ import annotations

import re

_NOT_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_controls(text: str) -> str:
    """Drop control characters and overrides of the writing direction; tabs and lines stay."""
    return _NOT_TEXT.sub("", text)
