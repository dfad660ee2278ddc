"""What a consumer can ask for, whether identity may be asked for, and the keys that ask for it.

The rights are those of California's statute, of the other states and of the laws outside the
country that `jurisdictions.toml` knows; which place grants which is said there. The telephone's
menu is literal, because a keyed right is a fact and not a suggestion.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from voiceline.rules.tables import read_table


class Right(StrEnum):
    """One right; a request may hold several."""

    OPT_OUT = "opt_out"
    LIMIT = "limit"
    KNOW_CATEGORIES = "know_categories"
    KNOW_SPECIFIC = "know_specific"
    DELETE = "delete"
    CORRECT = "correct"
    PORTABILITY = "portability"
    OPT_OUT_ADS = "opt_out_ads"
    OPT_OUT_PROFILING = "opt_out_profiling"
    OPT_IN = "opt_in"
    ADMT_ACCESS = "admt_access"
    ADMT_OPT_OUT = "admt_opt_out"
    ADMT_APPEAL = "admt_appeal"
    THIRD_PARTIES = "third_parties"
    QUESTION_PROFILING = "question_profiling"
    WITHDRAW_CONSENT = "withdraw_consent"
    RESTRICT = "restrict"
    OBJECT = "object"
    SWITCH_PURPOSE = "switch_purpose"
    APPEAL = "appeal"
    STATUS = "status"
    OTHER = "other"


class RightSource(StrEnum):
    """How we know that a right is asked for."""

    KEYED = "keyed"
    """On the telephone, by the consumer."""
    CHOSEN = "chosen"
    """On the web form, by the consumer."""
    CONFIRMED = "confirmed"


class Verification(StrEnum):
    """How sure the business may ask to be of who asks (11 CCR 7060-7062)."""

    NONE = "none"
    """No identity may be asked for, only what finds the data."""
    TWO_STEP = "two_step"
    """A clear request, then a separate confirmation; no identity (11 CCR 7028)."""
    REFERENCE = "reference"
    """The reference the caller was given."""
    REASONABLE = "reasonable"
    """A reasonable degree: two data points that match."""
    HIGH = "high"
    """A reasonably high degree: three data points and a declaration under penalty of perjury."""
    BY_SENSITIVITY = "by_sensitivity"
    """Reasonable or reasonably high, by how sensitive the data are and what harm would be done."""
    ARTICLE_5 = "article_5"
    """As 11 CCR 7060-7062 say; who cannot be verified must be told so (11 CCR 7222(e))."""
    LOGIN = "login"
    """The consumer's account."""
    AS_BEFORE = "as_before"
    """What the request it belongs to needed; not a second time."""
    NOT_STATED = "not_stated"
    """The law does not say."""


LEAST_DATA_POINTS = {Verification.REASONABLE: 2, Verification.HIGH: 3}
"""Data points that must match: 11 CCR 7062(b), (c)."""


class ClockClass(StrEnum):
    """Which of a place's clocks a right runs on."""

    ANSWER = "answer"
    """Receipt confirmed where the law asks for it, answered, extended once."""
    STOP = "stop"
    """To be acted upon; California counts business days and allows no extension."""
    CONSENT = "consent"
    """Consent withdrawn: the place's days for that, or else those of an answer."""
    APPEAL = "appeal"
    """An appeal to be decided."""
    HOUSE = "house"
    """No law sets a date; ours is that of an answer, so that nothing is forgotten."""


@dataclass(frozen=True)
class RightFacts:
    """What does not depend on the place."""

    english: str
    spanish: str
    clock: ClockClass
    verification: Verification
    citation: str
    """Empty for what no law speaks of."""
    if_unverified: Right | None
    """What the request is treated as when nobody could be verified (11 CCR 7024(a))."""

    @property
    def may_verify(self) -> bool:
        """Whether proof of identity may be asked for at all."""
        return self.verification not in {Verification.NONE, Verification.TWO_STEP}


RIGHTS = {
    Right(key): RightFacts(
        english=facts["english"],
        spanish=facts["spanish"],
        clock=ClockClass(facts["clock"]),
        verification=Verification(facts["verification"]),
        citation=facts.get("citation", ""),
        if_unverified=Right(facts["if_unverified"]) if "if_unverified" in facts else None,
    )
    for key, facts in read_table("rights").items()
}
"""Every right's facts, from rights.toml."""

LABELS = {right: facts.english for right, facts in RIGHTS.items()}

KEYS = {
    "1": Right.OPT_OUT,
    "2": Right.KNOW_CATEGORIES,
    "3": Right.DELETE,
    "4": Right.CORRECT,
}
"""The telephone's menu, in the order it is spoken."""

WITHOUT_VERIFICATION = frozenset(right for right, facts in RIGHTS.items() if not facts.may_verify)
"""No identity may be demanded for these (opt-outs: 11 CCR 7026(d), 7027(e), 7221(f))."""
