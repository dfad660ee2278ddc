"""The service code a caller keys to reach one business.

Codes are strings of digits and are never read as numbers: `007` and `7` are two codes. A code
never starts with 0, 2 or 9, because at the first prompt those keys mean help, Spanish and the
status of a request.
"""

from __future__ import annotations

import re

OPERATOR_CODE = "1"
"""The operator's own code; messages of callers who knew no code are filed under it."""

MAX_LENGTH = 8
HELP_KEY = "0"
LANGUAGE_KEY = "2"
STATUS_KEY = "9"

_CODE = re.compile(r"[13-8][0-9]{0,7}", re.ASCII)


def is_service_code(text: str) -> bool:
    """Tell whether `text` has the form of a code: 1-8 ASCII digits, not starting 0, 2 or 9."""
    return _CODE.fullmatch(text) is not None


def complaint_about(text: str) -> str | None:
    """Say in words what is wrong with a new code, or None when a business may have it."""
    if not text or not text.isascii() or not text.isdigit():
        return f"{text!r} is not a service code: use 1 to {MAX_LENGTH} digits, such as 4021."
    if len(text) > MAX_LENGTH:
        return f"{text} has {len(text)} digits: a service code has at most {MAX_LENGTH}."
    if not is_service_code(text):
        return (
            f"{text} starts with {text[0]}: callers key 0 for help, 2 for Spanish and 9 for the "
            "status of a request, so a code starts with 1 or 3 to 8."
        )
    return None
