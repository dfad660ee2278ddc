"""Proof of who asks: how it may be had, what it is worth, and which rights need how much of it.

What is written down is the kind of a data point ("e-mail"), never the data. There is no kind for
what must not be asked for: numbers of social security, licences, cards, passwords (11 CCR 7060).
A voice proves nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.errors import IdentityError
from voiceline.rules.rights import LEAST_DATA_POINTS, RIGHTS, Right, Verification
from voiceline.rules.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable


class Method(StrEnum):
    """How somebody was verified."""

    MATCHED = "matched"
    """Data points told by the consumer match what the business holds (11 CCR 7062)."""
    ACCOUNT = "account"
    """Signed in to the account, and again for this request (11 CCR 7061)."""
    EMAIL_LINK = "email_link"
    """Opened a link sent to an address the business held already; with data points beside it."""
    POWER_OF_ATTORNEY = "power_of_attorney"
    """Of the agent; the consumer is asked nothing more (Cal. Prob. Code 4121-4130)."""
    SIGNED_PERMISSION = "signed_permission"
    """Of the agent (11 CCR 7063); it says nothing of who the consumer is."""
    PARENTHOOD = "parenthood"
    """Of who asks for a child (11 CCR 7070)."""
    CONFIRMATION = "confirmation"
    """The second step of opting in again (11 CCR 7028); no identity."""


class DataPoint(StrEnum):
    """What was compared; a caller's number is worth something only beside another."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    POSTAL_ADDRESS = "postal_address"
    POSTAL_CODE = "postal_code"
    CUSTOMER_NUMBER = "customer_number"
    ORDER_NUMBER = "order_number"
    ORDER_DATE = "order_date"
    ORDER_AMOUNT = "order_amount"
    USER_NAME = "user_name"
    CALLER_ID = "caller_id"


class Level(StrEnum):
    """How sure the business is, least first."""

    NONE = "none"
    REASONABLE = "reasonable"
    HIGH = "high"


LEVELS = tuple(Level)

_OF_METHOD = {
    Method.ACCOUNT: Level.HIGH,
    Method.POWER_OF_ATTORNEY: Level.HIGH,
    Method.SIGNED_PERMISSION: Level.NONE,
    Method.PARENTHOOD: Level.NONE,
    Method.CONFIRMATION: Level.NONE,
}
"""What a method is worth by itself; those left out are worth their data points."""

NEEDED = {
    Verification.REASONABLE: Level.REASONABLE,
    Verification.HIGH: Level.HIGH,
    Verification.BY_SENSITIVITY: Level.REASONABLE,
    Verification.ARTICLE_5: Level.REASONABLE,
    Verification.LOGIN: Level.REASONABLE,
}
"""The least that a right needs before it is done; what is left out needs none."""


@dataclass(frozen=True)
class Evidence:
    """What was looked at to verify somebody."""

    method: Method
    points: frozenset[DataPoint] = field(default_factory=frozenset)
    """Those that matched."""
    declared: bool = False
    """Signed under penalty of perjury; the business keeps the paper (11 CCR 7062(c))."""
    disputed: DataPoint | None = None
    """What a request to correct says is wrong: it proves nothing (11 CCR 7060(h))."""


def level_of(evidence: Evidence) -> Level:
    """Answer what the evidence is worth: 11 CCR 7062(b), (c)."""
    if evidence.method in _OF_METHOD:
        return _OF_METHOD[evidence.method]
    points = evidence.points - {evidence.disputed}
    if evidence.method == Method.EMAIL_LINK:
        points |= {DataPoint.EMAIL}
    if points == {DataPoint.CALLER_ID}:
        return Level.NONE
    if len(points) >= LEAST_DATA_POINTS[Verification.HIGH] and evidence.declared:
        return Level.HIGH
    return (
        Level.REASONABLE
        if len(points) >= LEAST_DATA_POINTS[Verification.REASONABLE]
        else Level.NONE
    )


def check_may_ask(rights: Iterable[Right | None], method: Method) -> None:
    """Raise IdentityError where nothing that is asked for lets identity be asked for.

    Who opts a child in must be the parent, which is no question of who the consumer is (Cal. Civ.
    Code 1798.120(c); 11 CCR 7070).
    """
    named = [right for right in rights if right]
    if not named:
        raise IdentityError(
            "Nobody has named a right yet: name it first. Identity must not be asked for an "
            "opt-out or a limit."
        )
    opts_in = any(RIGHTS[right].verification == Verification.TWO_STEP for right in named)
    if method == Method.CONFIRMATION:
        if not opts_in:
            raise IdentityError("Only opting in again is confirmed in a second step.")
    elif not (opts_in and method == Method.PARENTHOOD) and not any(
        RIGHTS[right].may_verify for right in named
    ):
        first = RIGHTS[named[0]]
        law = f" ({first.citation})" if first.citation else ""
        raise IdentityError(
            f"{first.english}: no identity may be asked for{law}. Do it without; ask for no more "
            "than what finds the data."
        )


def check_proven(
    right: Right | None, standing: Standing | None, level: Level, methods: frozenset[Method]
) -> None:
    """Raise IdentityError unless what was proven is enough to do what the right asks for."""
    if right is None:
        raise IdentityError("Nobody has named this right yet: name it first, then answer it.")
    facts = RIGHTS[right]
    if facts.verification == Verification.TWO_STEP and Method.CONFIRMATION not in methods:
        raise IdentityError(
            f"{facts.english}: it takes a second step. Write down the consumer's confirmation "
            f"first ({facts.citation})."
        )
    needed = NEEDED.get(facts.verification, Level.NONE)
    if LEVELS.index(level) < LEVELS.index(needed):
        raise IdentityError(
            f"{facts.english}: verify who asks first, to a {_DEGREES[needed]} degree; or refuse "
            f"it as unverified ({facts.citation})."
        )
    for_child = needed != Level.NONE or facts.verification == Verification.TWO_STEP
    if standing == Standing.PARENT and for_child and Method.PARENTHOOD not in methods:
        raise IdentityError(
            f"{facts.english}: it is asked for a child. Verify that the parent asks (11 CCR 7070)."
        )


_DEGREES = {Level.REASONABLE: "reasonable", Level.HIGH: "reasonably high"}
