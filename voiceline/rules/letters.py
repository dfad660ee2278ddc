"""The letters to consumers: what each must say, where the law says so, and when.

A letter is a row of parts; the sentences of a part are in voiceline/letters/en.toml and es.toml.
A part with a citation is required by it. Tests hold each letter, in both languages, to this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voiceline.rules.lifecycle import AppealStatus, RightStatus


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
    """How a letter reaches the consumer, if it does."""

    EMAIL = "email"
    POST = "post"
    OTHER = "other"
    """Handed over, or through the consumer's account."""
    NOWHERE = "nowhere"
    """We know no way to reach them: it is kept, to be read out when they ask for the status."""


class When(StrEnum):
    """What has to be so for a part to belong into a letter."""

    ALWAYS = "always"
    VERIFIABLE = "verifiable"
    """Something is asked for that identity may be asked for."""
    STOP = "stop"
    """Something is asked for that no identity may be asked for."""
    EXTENDABLE = "extendable"
    """The law lets the answer take longer, with notice."""
    RETAINED = "retained"
    """Data asked to be deleted is kept under an exception."""
    RECORDED = "recorded"
    """Data were asked to be deleted, and the law itself wants a record of that."""
    NOTED = "noted"
    """Data were asked to be deleted, and the record of that is ours."""
    OPT_OUT_LEFT = "opt_out_left"
    """Data asked to be deleted is kept, where the law gives an opt-out."""
    OPT_OUT = "opt_out"
    """A sale, sharing or targeted advertising was to stop."""
    LIMIT = "limit"
    ADMT_OPT_OUT = "admt_opt_out"
    LOCKED = "locked"
    """The law lets nobody ask the consumer for some time to change their mind."""
    HEALTH = "health"
    """A correction was refused where the law lets a statement on health data be added."""
    CATEGORIES_INSTEAD = "categories_instead"
    """Specific pieces were refused because nobody was verified."""
    POLICY_INSTEAD = "policy_instead"
    """Categories were refused because nobody was verified."""
    DECLARED = "declared"
    """The right needs a declaration under penalty of perjury."""
    APPEALABLE = "appealable"
    """The law gives an appeal, and its time is not over."""
    APPEALED = "appealed"
    """The letter is about an appeal."""
    NOT_APPEALED = "not_appealed"
    ABROAD = "abroad"
    """The law is not one of the United States."""


@dataclass(frozen=True)
class Part:
    """One paragraph of a letter."""

    name: str
    citation: str = ""
    """What requires it; empty for what is there to be read well."""
    when: When = When.ALWAYS


_GREETING, _ABOUT = Part("greeting"), Part("about")
_FREE, _CLOSING = Part("free"), Part("closing")

_NO_PROOF = Part("no_proof", "11 CCR 7026(d), 7027(e), 7221(f)", When.STOP)
_REFUSAL = "Cal. Civ. Code 1798.145(h)(2)"
_APPEAL = Part("appeal", _REFUSAL, When.APPEALABLE)
_COMPLAIN = Part("complain", "GDPR 12(3)-(6); PIPEDA s. 8; the states' laws on appeals")
_RECORD_KEPT = (
    Part("record_kept", "11 CCR 7022(e); 4 CCR 904-3 Rule 6.11", When.RECORDED),
    Part("record_noted", when=When.NOTED),
)
_AFTER_REFUSAL = (
    Part("reasons", f"{_REFUSAL}; 11 CCR 7022(f)(1)"),
    Part("categories_instead", "11 CCR 7024(a)", When.CATEGORIES_INSTEAD),
    Part("policy_instead", "11 CCR 7024(b)", When.POLICY_INSTEAD),
    Part("retained", "11 CCR 7022(f)", When.RETAINED),
    Part("offer_opt_out", "11 CCR 7022(g)", When.OPT_OUT_LEFT),
    Part("health_statement", "11 CCR 7023(f)(3)", When.HEALTH),
    *_RECORD_KEPT,
    _APPEAL,
    _COMPLAIN,
)

LETTERS: dict[LetterKind, tuple[Part, ...]] = {
    LetterKind.ACKNOWLEDGEMENT: (
        _GREETING,
        Part("received", "11 CCR 7021(a)"),
        Part("verification", "11 CCR 7021(a)", When.VERIFIABLE),
        _NO_PROOF,
        Part("expect", "11 CCR 7021(a)"),
        Part("longer", "11 CCR 7021(b)", When.EXTENDABLE),
        _FREE,
        _CLOSING,
    ),
    LetterKind.IDENTITY_ASKED: (
        _GREETING,
        _ABOUT,
        Part("needed", "11 CCR 7060, 7062"),
        Part("declaration", "11 CCR 7062(c)", When.DECLARED),
        Part("purpose", "Cal. Civ. Code 1798.130(a)(7)"),
        Part("no_fee", "11 CCR 7060"),
        Part("never_send", "Cal. Civ. Code 1798.81.5(d); 11 CCR 7060"),
        Part("clock_runs", "11 CCR 7021(b)"),
        _NO_PROOF,
        _FREE,
        _CLOSING,
    ),
    LetterKind.EXTENSION: (
        _GREETING,
        Part("about", when=When.NOT_APPEALED),
        Part("about_appeal", when=When.APPEALED),
        Part("more_time", "Cal. Civ. Code 1798.145(h)(1); 11 CCR 7021(b)"),
        Part("new_date", "11 CCR 7021(b)"),
        Part("complain", "PIPEDA s. 8", When.ABROAD),
        _FREE,
        _CLOSING,
    ),
    LetterKind.COMPLETED: (
        _GREETING,
        _ABOUT,
        Part("completed", "11 CCR 7021(b)"),
        Part("opt_out_confirmed", "11 CCR 7026(g)", When.OPT_OUT),
        Part("limit_confirmed", when=When.LIMIT),
        Part("admt_confirmed", "11 CCR 7221(h)", When.ADMT_OPT_OUT),
        Part("not_asked_again", "Cal. Civ. Code 1798.135(c)(4); 11 CCR 7221(k)", When.LOCKED),
        *_RECORD_KEPT,
        _FREE,
        _CLOSING,
    ),
    LetterKind.PARTLY: (
        _GREETING,
        _ABOUT,
        Part("partly", _REFUSAL),
        Part("done", "11 CCR 7022(f), 7024(e)"),
        Part("not_done", "11 CCR 7022(f)(1), 7024(e)"),
        *_AFTER_REFUSAL,
        _FREE,
        _CLOSING,
    ),
    LetterKind.DENIED: (
        _GREETING,
        _ABOUT,
        Part("denied", _REFUSAL),
        *_AFTER_REFUSAL,
        _FREE,
        _CLOSING,
    ),
    LetterKind.REDIRECTED: (
        _GREETING,
        _ABOUT,
        Part("redirected", "Cal. Civ. Code 1798.130(a)(3)(A)"),
        _APPEAL,
        _FREE,
        _CLOSING,
    ),
    LetterKind.DEFERRED: (
        _GREETING,
        _ABOUT,
        Part("deferred"),
        Part("date_stands", "11 CCR 7021(b)"),
        _FREE,
        _CLOSING,
    ),
    LetterKind.APPEAL_UPHELD: (
        _GREETING,
        Part("about_appeal"),
        Part("upheld", "the states' laws on appeals"),
        Part("decided_because", "the states' laws on appeals"),
        _COMPLAIN,
        _FREE,
        _CLOSING,
    ),
    LetterKind.APPEAL_REVERSED: (
        _GREETING,
        Part("about_appeal"),
        Part("reversed", "the states' laws on appeals"),
        Part("decided_because", "the states' laws on appeals"),
        Part("answer_by", "11 CCR 7021(b)"),
        _FREE,
        _CLOSING,
    ),
}
"""Each letter's parts in their order."""

OF_REQUEST = frozenset({LetterKind.ACKNOWLEDGEMENT, LetterKind.IDENTITY_ASKED})
"""Letters about the whole request; the others are about one right of it."""

OUTCOMES = {
    LetterKind.COMPLETED: RightStatus.COMPLETED,
    LetterKind.PARTLY: RightStatus.PARTLY,
    LetterKind.DENIED: RightStatus.DENIED,
    LetterKind.REDIRECTED: RightStatus.REDIRECTED,
    LetterKind.DEFERRED: RightStatus.DEFERRED,
}
"""Letters that say what has become of a right."""

DECISIONS = {
    LetterKind.APPEAL_UPHELD: AppealStatus.UPHELD,
    LetterKind.APPEAL_REVERSED: AppealStatus.REVERSED,
}

OF_APPEAL = frozenset(DECISIONS)


def required(kind: LetterKind) -> dict[str, str]:
    """Answer the parts that the law requires of a letter, each with its citation."""
    return {part.name: part.citation for part in LETTERS[kind] if part.citation}
