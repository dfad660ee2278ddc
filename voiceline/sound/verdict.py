"""What the cage and its keeper tell each other: the form of the sound, and how it went."""

from __future__ import annotations

from enum import IntEnum

RATE = 8000
SAMPLE_BYTES = 2


class Verdict(IntEnum):
    """How it went, as an exit status that no shell and no crash would choose."""

    WHOLE = 0
    DAMAGED = 20
    """Something could not be decoded; what could is there."""
    NO_SOUND = 21
    UNKNOWN_CODEC = 22
    TOO_LONG = 23
