"""Why a right may be refused: each reason with its sentence, citation and the rights it is for.

An opt-out is refused for fraud alone, where there is a good-faith, reasonable and documented belief
(11 CCR 7026(e)); never because nobody was verified. What is cited is the law of the consumer's
residence, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.errors import DenialError
from voiceline.rules.jurisdictions import find_jurisdiction
from voiceline.rules.rights import RIGHTS, ClockClass, Right
from voiceline.rules.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from voiceline.rules.jurisdictions import Jurisdiction

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
    """California's; empty where the law that does not give the right is the reason."""
    counted_as: CountedAs
    explain: bool
    """Whether the facts of the case must be told, not the bare reason (11 CCR 7022(b)(3), (f))."""
    rights: frozenset[Right] | None
    """None: any right that is answered; of those that are stopped, see `codes_for`."""
    europe: str
    """The article of the GDPR, and of the United Kingdom's, that says the same; else empty."""
    in_states: bool
    """Whether the section on requests of a state's own law says the same."""
    only_in_california: bool


@dataclass(frozen=True)
class Reason:
    """A reason as somebody gives it."""

    code: Code
    explanation: str = ""


def _read(facts: dict[str, Any]) -> DenialFacts:
    return DenialFacts(
        english=facts["english"],
        spanish=facts["spanish"],
        citation=facts["citation"],
        counted_as=CountedAs(facts["counted_as"]),
        explain=facts.get("explain", False),
        rights=frozenset(map(Right, facts["rights"])) if "rights" in facts else None,
        europe=facts.get("europe", ""),
        in_states=facts.get("in_states", False),
        only_in_california=facts.get("only_in_california", False),
    )


DENIALS = {
    Code(key): _read(facts)
    for key, facts in read_table("denials").items()
    if isinstance(facts, dict)
}
"""Every reason, from denials.toml."""


STATES: frozenset[str] = frozenset(read_table("denials")["states"])
"""The states whose section on requests says what `in_states` is about."""


def codes_for(right: Right | None, *, granted: bool = True, law: str | None = None) -> list[Code]:
    """Answer the reasons a right may be refused for; None is a right nobody has named: none.

    `granted`: whether the law of the consumer's residence knows the right; `law`: its key, None
    for California's in place of one.
    """
    if right is None:
        return []
    never = {Code.NOT_GRANTED} if granted else set()
    if RIGHTS[right].clock == ClockClass.STOP:
        return [code for code in (Code.FRAUD, Code.NOT_GRANTED) if code not in never]
    if not RIGHTS[right].may_verify:
        never |= {Code.UNVERIFIED}
    place = find_jurisdiction(law)
    return [
        code
        for code, facts in DENIALS.items()
        if code not in never
        and (facts.rights is None or right in facts.rights)
        and _is_reason(code, place)
    ]


def citation_of(code: Code, law: str | None) -> str:
    """Answer where the law with that key gives the reason; empty where we are not sure."""
    facts, place = DENIALS[code], find_jurisdiction(law)
    if place.is_californian:
        return facts.citation
    if facts.europe and place.key in {"EU", "UK"}:
        return f"{place.law} {facts.europe}"
    said = facts.in_states or code == Code.NEVER_DISCLOSED
    return place.citation if said and place.key in STATES else ""


def taken_for(right: Right | None, codes: Collection[str], law: str | None) -> Right | None:
    """Answer what a request that was refused for these reasons is treated as from then on.

    11 CCR 7024(a): who cannot be verified for the specific pieces still asks for the categories.
    """
    if right is None or Code.UNVERIFIED not in codes or not find_jurisdiction(law).is_californian:
        return None
    return RIGHTS[right].if_unverified


def check_reasons(
    right: Right | None,
    reasons: Sequence[Reason],
    *,
    granted: bool = True,
    law: str | None = None,
) -> None:
    """Raise DenialError unless there is a reason, and each is for the right and explained."""
    allowed = codes_for(right, granted=granted, law=law)
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
        _check_explanation(reason, law)
    if len({reason.code for reason in reasons}) < len(reasons):
        raise DenialError("The same reason is given twice: put it into one.")


def to_records(reasons: Sequence[Reason], law: str | None = None) -> list[dict[str, str]]:
    """Write reasons down with their citations, so that no later table changes them."""
    return [
        {
            "code": reason.code.value,
            "citation": citation_of(reason.code, law),
            "counted_as": DENIALS[reason.code].counted_as.value,
            "explanation": reason.explanation.strip(),
        }
        for reason in reasons
    ]


def _is_reason(code: Code, place: Jurisdiction) -> bool:
    if code == Code.NEVER_DISCLOSED:
        return bool(place.duties.never_disclosed)
    return place.is_californian or not DENIALS[code].only_in_california


def _check_explanation(reason: Reason, law: str | None) -> None:
    if DENIALS[reason.code].explain and not reason.explanation.strip():
        citation = citation_of(reason.code, law)
        raise DenialError(
            f"Tell the facts behind {reason.code}: a bare reason is not enough"
            f"{f' ({citation})' if citation else ''}."
        )
    if len(reason.explanation) > MOST_EXPLAINED:
        raise DenialError(f"An explanation has at most {MOST_EXPLAINED} characters.")
