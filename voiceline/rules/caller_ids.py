"""Who a call says it is from: a phone number, or unknown with the reason.

Carriers write a withheld number as a word, or as the word spelled on a keypad with a plus sign
(twilio.md section 7): `+266696687` is ANONYMOUS, not somebody's number. Such calls are never
merged, never called back and never shown as a number. Even a good number is unverified: caller
ids can be forged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
"""E.164: a plus sign and 7 to 15 digits."""

_WITHHELD_WORDS = frozenset(
    {"anonymous", "restricted", "unavailable", "unknown", "private", "blocked"}
)
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_KEYPAD_SPELLINGS = frozenset(f"+{word.upper().translate(_KEYPAD)}" for word in _WITHHELD_WORDS)


@dataclass(frozen=True)
class CallerId:
    """A caller's number, or why there is none; exactly one of the two is set."""

    number: str | None
    unknown_because: str | None
    """`missing`, `withheld`, `not_a_phone` (SIP, client) or `malformed`."""


def read_caller_id(raw: str | None) -> CallerId:
    """Read the carrier's `From`; what is not plainly a phone number is unknown."""
    text = (raw or "").strip()
    if not text:
        return CallerId(None, "missing")
    if text.lower() in _WITHHELD_WORDS or text in _KEYPAD_SPELLINGS:
        return CallerId(None, "withheld")
    if text.lower().startswith(("client:", "sip:", "sips:")):
        return CallerId(None, "not_a_phone")
    if not _NUMBER.fullmatch(text):
        return CallerId(None, "malformed")
    return CallerId(text, None)
