"""For whom somebody asks: the proof that may be asked for it, and what it changes.

The clocks are always those of the right that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voiceline.rules.rights import Right
from voiceline.rules.tables import read_table


class Standing(StrEnum):
    """For whom a request is made."""

    SELF = "self"
    AGENT = "agent"
    ATTORNEY = "attorney"
    PARENT = "parent"
    MINOR = "minor"
    HOUSEHOLD = "household"
    ESTATE = "estate"
    EMPLOYEE = "employee"
    BUSINESS_CONTACT = "business_contact"


class Proof(StrEnum):
    """What may be asked of who asks for somebody else; identity apart."""

    NONE = "none"
    SIGNED_PERMISSION = "signed_permission"
    """The consumer's; a power of attorney must not be asked for."""
    POWER_OF_ATTORNEY = "power_of_attorney"
    """Enough by itself: the consumer is asked nothing more."""
    PARENTHOOD = "parenthood"
    ESTATE = "estate"
    """No law we know says which: a person decides."""


@dataclass(frozen=True)
class StandingFacts:
    """What the law says of one standing."""

    english: str
    spanish: str
    citation: str
    """Empty where no law speaks of it."""
    proof: Proof
    may_verify_consumer: bool
    """Whether the consumer, too, may be asked for identity or to confirm the permission."""
    needs_trained_person: bool
    """Whether the page sends it to somebody trained: a child is concerned (11 CCR 7070)."""
    not_applicable: frozenset[Right]
    """Rights that do not reach such data; the answer that says so is due all the same."""


STANDINGS = {
    Standing(key): StandingFacts(
        english=facts["english"],
        spanish=facts["spanish"],
        citation=facts.get("citation", ""),
        proof=Proof(facts["proof"]),
        may_verify_consumer=facts.get("may_verify_consumer", False),
        needs_trained_person=facts.get("needs_trained_person", False),
        not_applicable=frozenset(map(Right, facts.get("not_applicable", ()))),
    )
    for key, facts in read_table("standings").items()
}
"""Every standing's facts, from standings.toml."""
