"""Why a right may be refused: each reason with its sentence, citation and the rights it is for.

An opt-out is refused for fraud alone, where there is a good-faith, reasonable and documented belief
(11 CCR 7026(e)); never because nobody was verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.errors import DenialError
from voiceline.rules.rights import RIGHTS, ClockClass, Right
from voiceline.rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_EXPLAINED = 4000
"""Characters of an explanation."""


class Code(StrEnum):
    """Which reason."""

    UNVERIFIED = "unverified"
    FRAUD = "fraud"
    NOT_A_CONSUMER = "not_a_consumer"
    HOUSEHOLD = "household"
    NOT_GRANTED = "not_granted"
    TRANSACTION = "transaction"
    SECURITY = "security"
    FRAUD_PREVENTION = "fraud_prevention"
    DEBUGGING = "debugging"
    FREE_SPEECH = "free_speech"
    CALECPA = "calecpa"
    RESEARCH = "research"
    INTERNAL_USE = "internal_use"
    LEGAL_OBLIGATION = "legal_obligation"
    TAX_DOCUMENTS = "tax_documents"
    LAW_CONFLICT = "law_conflict"
    ACCURATE = "accurate"
    NEVER_DISCLOSED = "never_disclosed"
    DISPROPORTIONATE = "disproportionate"
    EXCESSIVE = "excessive"
    TOO_FREQUENT = "too_frequent"


class CountedAs(StrEnum):
    """Under which head a denial is counted (11 CCR 7102)."""

    UNVERIFIED = "unverified"
    NOT_A_CONSUMER = "not_a_consumer"
    EXEMPT = "exempt"
    OTHER = "other"


@dataclass(frozen=True)
class DenialFacts:
    """One reason of the table."""

    english: str
    spanish: str
    citation: str
    """Empty where the law that does not give the right is the reason."""
    counted_as: CountedAs
    explain: bool
    """Whether the facts of the case must be told, not the bare reason (11 CCR 7022(b)(3), (f))."""
    rights: frozenset[Right] | None
    """None: any right that is answered; of those that are stopped, see `codes_for`."""


@dataclass(frozen=True)
class Reason:
    """A reason as somebody gives it."""

    code: Code
    explanation: str = ""


DENIALS = {
    Code(key): DenialFacts(
        english=facts["english"],
        spanish=facts["spanish"],
        citation=facts["citation"],
        counted_as=CountedAs(facts["counted_as"]),
        explain=facts.get("explain", False),
        rights=frozenset(map(Right, facts["rights"])) if "rights" in facts else None,
    )
    for key, facts in read_table("denials").items()
}
"""Every reason, from denials.toml."""


def codes_for(right: Right | None, *, granted: bool = True) -> list[Code]:
    """Answer the reasons a right may be refused for; None is a right nobody has named: none.

    `granted`: whether the law of the consumer's residence knows the right.
    """
    if right is None:
        return []
    never = {Code.NOT_GRANTED} if granted else set()
    if RIGHTS[right].clock == ClockClass.STOP:
        return [code for code in (Code.FRAUD, Code.NOT_GRANTED) if code not in never]
    if not RIGHTS[right].may_verify:
        never |= {Code.UNVERIFIED}
    return [
        code
        for code, facts in DENIALS.items()
        if code not in never and (facts.rights is None or right in facts.rights)
    ]


def check_reasons(right: Right | None, reasons: Sequence[Reason], *, granted: bool = True) -> None:
    """Raise DenialError unless there is a reason, and each is for the right and explained."""
    allowed = codes_for(right, granted=granted)
    if right is None:
        raise DenialError("Nobody has named this right yet: name it first, then answer it.")
    if not reasons:
        raise DenialError(f"A refusal needs a reason: {', '.join(allowed)}.")
    for reason in reasons:
        if reason.code not in allowed:
            raise DenialError(
                f"{RIGHTS[right].english}: it cannot be refused as {reason.code}. "
                f"It can be refused as {', '.join(allowed)}."
            )
        if DENIALS[reason.code].explain and not reason.explanation.strip():
            raise DenialError(
                f"Tell the facts behind {reason.code}: a bare reason is not enough "
                f"({DENIALS[reason.code].citation})."
            )
        if len(reason.explanation) > MOST_EXPLAINED:
            raise DenialError(f"An explanation has at most {MOST_EXPLAINED} characters.")
    if len({reason.code for reason in reasons}) < len(reasons):
        raise DenialError("The same reason is given twice: put it into one.")


def to_records(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    """Write reasons down with their citations, so that no later table changes them."""
    return [
        {
            "code": reason.code.value,
            "citation": DENIALS[reason.code].citation,
            "counted_as": DENIALS[reason.code].counted_as.value,
            "explanation": reason.explanation.strip(),
        }
        for reason in reasons
    ]
