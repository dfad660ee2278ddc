"""What the console calls the tiers and the states of a business; the words of its forms."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier

TIER_NAMES = {
    AccountTier.TRIAL: "Trial",
    AccountTier.SMALL_MEDIUM: "Small and medium",
    AccountTier.ENTERPRISE: "Enterprise",
}
STATE_NAMES = {
    BusinessStatus.ACTIVE: "Active",
    BusinessStatus.SUSPENDED: "Suspended",
    BusinessStatus.CLOSED: "Closed",
}

Word = TypeVar("Word", bound=StrEnum)


def one_of(kind: type[Word], text: str) -> Word | None:
    """Answer the word that was chosen, or None for what is none."""
    return kind(text) if text in set(kind) else None
