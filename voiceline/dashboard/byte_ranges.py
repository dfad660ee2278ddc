"""The one range of bytes a player asks for (RFC 9110 section 14)."""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)


class UnsatisfiableRangeError(ValueError):
    """The range is malformed, several, or outside the object: 416."""


def read_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Answer first and last byte asked for, both included, or None for the whole object.

    A unit we do not know is ignored, as the standard says. Several ranges are refused: no player
    needs them and each would be a part of its own.
    """
    if header is None or not header.strip().lower().startswith("bytes"):
        return None
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None:
        raise UnsatisfiableRangeError
    first, last = match.groups()
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    elif last and int(last):
        start, end = max(0, size - int(last)), size - 1
    else:
        raise UnsatisfiableRangeError
    if start > end or (last and first and int(last) < int(first)):
        raise UnsatisfiableRangeError
    return start, end
