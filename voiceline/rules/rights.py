"""What a consumer can ask for, and the keys that ask for it.

The statute's words (California Civil Code 1798.105-.121); the telephone's menu is literal,
because a keyed right is a fact and not a suggestion.
"""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One right; a request may hold several."""

    OPT_OUT = "opt_out"
    LIMIT = "limit"
    KNOW_CATEGORIES = "know_categories"
    KNOW_SPECIFIC = "know_specific"
    DELETE = "delete"
    CORRECT = "correct"


class RightSource(StrEnum):
    """How we know that a right is asked for."""

    KEYED = "keyed"
    CONFIRMED = "confirmed"


LABELS = {
    Right.OPT_OUT: "Opt out of sale or sharing",
    Right.LIMIT: "Limit use of sensitive information",
    Right.KNOW_CATEGORIES: "Know what is held",
    Right.KNOW_SPECIFIC: "Copy of what is held",
    Right.DELETE: "Delete",
    Right.CORRECT: "Correct what is wrong",
}

KEYS = {
    "1": Right.OPT_OUT,
    "2": Right.KNOW_CATEGORIES,
    "3": Right.DELETE,
    "4": Right.CORRECT,
}
"""The telephone's menu, in the order it is spoken."""

WITHOUT_VERIFICATION = frozenset({Right.OPT_OUT, Right.LIMIT})
"""No identity may be demanded for these (11 CCR 7026(d), 7027(e))."""
