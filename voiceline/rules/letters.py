"""The letters to consumers, and what the law wants in each."""

from __future__ import annotations

from enum import StrEnum


class LetterKind(StrEnum):
    """What a letter is for."""

    ACKNOWLEDGEMENT = "acknowledgement"
    IDENTITY_ASKED = "identity_asked"
    EXTENSION = "extension"
    COMPLETED = "completed"
    PARTLY = "partly"
    DENIED = "denied"
    REDIRECTED = "redirected"
    DEFERRED = "deferred"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_REVERSED = "appeal_reversed"


class Way(StrEnum):
    """How a letter reaches the consumer."""

    EMAIL = "email"
    POST = "post"
    OTHER = "other"
    """Handed over, or through the consumer's account."""
