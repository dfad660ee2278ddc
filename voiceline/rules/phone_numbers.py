"""Phone numbers as people write them, read into E.164.

The line is a North American toll-free number: what has no plus sign is read as a number of that
plan. Whether anybody answers there is not known.
"""

from __future__ import annotations

import re
import unicodedata

_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_SEPARATORS = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]+")
_NORTH_AMERICAN = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}", re.ASCII)
_ABROAD = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)
_HAS_DIGITS = re.compile(r"[0-9].*[0-9].*[0-9]", re.ASCII)


def read_phone(text: str) -> str | None:
    """Answer the number in E.164, or None for what is none; an extension is not part of one.

    `(415) 555-0123`, `1-800-FLOWERS` and `+44 20 7946 0018` are numbers.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if not _HAS_DIGITS.search(plain):
        return None
    digits = _SEPARATORS.sub("", plain.translate(_KEYPAD))
    if digits.startswith("+1") or not digits.startswith("+"):
        national = digits.removeprefix("+").removeprefix("1")
        return f"+1{national}" if _NORTH_AMERICAN.fullmatch(national) else None
    return digits if _ABROAD.fullmatch(digits) else None
