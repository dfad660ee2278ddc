"""Which keys and tags every object store takes: the same in a folder as in S3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_KEY = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT}){{0,15}}")
LONGEST_KEY = 512

# S3's limits: 10 tags, keys of 128 and values of 256 characters of this alphabet.
MOST_TAGS = 10
_TAG_KEY = re.compile(r"[\w .:/=+@-]{1,128}")
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")


def checked_key(key: str) -> str:
    """Answer the key, or raise: no part may be empty, hidden, `..` or absolute."""
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise PermanentFailure("not an object key: use letters, digits, '_', '-', '.' between '/'")
    return key


def checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Answer a copy of the tags, or raise when S3 would refuse them."""
    fits = len(tags) <= MOST_TAGS and all(
        _TAG_KEY.fullmatch(key) and _TAG_VALUE.fullmatch(value) for key, value in tags.items()
    )
    if not fits:
        raise PermanentFailure("these tags do not fit S3's limits of number, length or alphabet")
    return dict(tags)


def checked_range(start: int, end: int) -> None:
    """Raise ValueError unless `start`..`end` (both included) can be a range of bytes."""
    if start < 0 or end < start:
        raise ValueError("a range starts at 0 or later and does not end before it starts")
