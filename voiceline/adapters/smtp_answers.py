"""What a mail server's refusal is about: the mailbox, the message, or us.

The three digits alone do not tell: 550 and 554 refuse an unknown mailbox, and whom the server does
not know, too. The enhanced code (RFC 3463) tells where there is one; where there is none, its
words. What is unclear is held to be about us: that costs attempts, the contrary costs a letter.
"""

from __future__ import annotations

import re

FINAL = 500
"""Answers below may change by themselves (RFC 5321, 4.2.1)."""

UNADMITTED = frozenset({530, 534, 535, 538})
"""The server wants another log-in first (RFC 4954, 6)."""

OF_MAILBOX = frozenset({550, 551, 552, 553, 556})
"""Without an enhanced code, these refuse a mailbox (RFC 5321, 4.2.2; 556: RFC 7504)."""

_ENHANCED = re.compile(rb"(?<![\d.])5\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_MAILBOX, _STATE = 1, 2
_OF_SENDER = frozenset({7, 8})
"""5.1.7 and 5.1.8 are about the address that the message is from."""

_FULL_OR_CLOSED = frozenset({0, 1, 2})
"""5.2.1 and 5.2.2; the others of 5.2 are about the message, or about who sends it."""

_ABOUT_US = re.compile(rb"relay|rcpthosts|authenti|denied|block|policy|helo", re.IGNORECASE)
_ABOUT_US_AFTER_ALL = re.compile(rb"authenti|relay|not verified", re.IGNORECASE)
"""In an answer to a whole message, which is also blocked or denied for what it says."""


def refused_mailbox(code: int, text: bytes) -> bool:
    """Tell whether an answer to RCPT says, for good, that the mailbox takes no mail."""
    if code < FINAL or code in UNADMITTED:
        return False
    enhanced = _enhanced(text)
    if enhanced is None:
        return code in OF_MAILBOX and not _ABOUT_US.search(text)
    subject, detail = enhanced
    if subject == _MAILBOX:
        return detail not in _OF_SENDER
    return subject == _STATE and detail in _FULL_OR_CLOSED


def refused_message(code: int, text: bytes) -> bool:
    """Tell whether an answer to DATA says, for good, that the message is not taken."""
    if code < FINAL or code in UNADMITTED or _ABOUT_US_AFTER_ALL.search(text):
        return False
    subject, detail = _enhanced(text) or (None, None)
    return not (subject == _MAILBOX and detail in _OF_SENDER)


def told(code: int, text: bytes) -> str:
    """Answer the digits of the answer; its words repeat addresses."""
    enhanced = _enhanced(text)
    return f"{code} 5.{enhanced[0]}.{enhanced[1]}" if enhanced and code >= FINAL else str(code)


def _enhanced(text: bytes) -> tuple[int, int] | None:
    found = _ENHANCED.search(text)
    return (int(found[1]), int(found[2])) if found else None
