"""The service code a caller keys to reach one business.

Codes are strings of digits and are never read as numbers: `007` and `7` are two codes. A code
never starts with 0, 2 or 9, because at the first prompt those keys mean help, Spanish and the
status of a request.
"""

from __future__ import annotations

import re

OPERATOR_CODE = "1"
"""The operator's own code; messages of callers who knew no code are filed under it."""

RESERVED = frozenset({"311", "411", "511", "611", "711", "811"})
"""Numbers of the telephone network itself; 211 and 911 cannot be codes anyhow."""

CANARY_PREFIX = "118"
"""No business is given a code that begins so: canary calls key them, each another one."""
CANARY_CODE = "11800000"
"""The code of the business that canary calls reach; keyed, it is unknown like any other."""

MAX_LENGTH = 8
SHORTEST_CHOSEN = 4
"""Digits of the shortest code a business may choose; shorter ones are an operator's to give."""

FREE_DIGITS = 5
FREE_STARTS = "345678"
"""How a code looks that is found for a business: never in the way of the operator's own."""

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
    if text.startswith(CANARY_PREFIX):
        return (
            f"{text} starts with {CANARY_PREFIX}, which is kept for canary calls: choose another."
        )
    if text in RESERVED:
        return f"{text} is a number of the telephone network: choose another."
    return None


def may_be_chosen(text: str) -> bool:
    """Tell whether a business may choose the code by itself, if nobody has it."""
    return complaint_about(text) is None and len(text) >= SHORTEST_CHOSEN
