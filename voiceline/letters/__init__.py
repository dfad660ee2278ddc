"""Letters to consumers: what is owed, and how a letter is written from the facts of a request.

Nothing here reads a transcript: a letter says what colleagues decided and what the consumer told
in writing, their name.
"""

from voiceline.letters.composing import Composed, Draft, compose
from voiceline.letters.offers import Offer, matter_of, offers, reached
from voiceline.letters.reading import appeals_of, find_letter, letters_of

__all__ = [
    "Composed",
    "Draft",
    "Offer",
    "appeals_of",
    "compose",
    "find_letter",
    "letters_of",
    "matter_of",
    "offers",
    "reached",
]
