"""Which parts of a letter its occasion calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.rules.denials import Code, taken_for
from voiceline.rules.jurisdictions import UNKNOWN, find_jurisdiction
from voiceline.rules.letters import LetterKind, When
from voiceline.rules.rights import RIGHTS, ClockClass, Right, Verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.letters.composing import Draft
    from voiceline.models import RequestedRight
    from voiceline.rules.jurisdictions import Jurisdiction

ANSWERED_IN_TIME = frozenset({ClockClass.ANSWER, ClockClass.CONSENT, ClockClass.HOUSE})
"""Clocks that an extension is known for."""

LOCKED = frozenset({Right.OPT_OUT, Right.OPT_OUT_ADS, Right.LIMIT, Right.ADMT_OPT_OUT})
"""What the law waits for before the consumer may be asked to change their mind."""


def applies(when: When, draft: Draft) -> bool:
    """Tell whether a part with this condition belongs into the letter."""
    return _TESTS[when](draft)


def about(draft: Draft) -> list[RequestedRight]:
    """Answer the rights that a letter is about; what is answered takes no proof any more."""
    if draft.right:
        return [draft.right]
    if draft.kind == LetterKind.IDENTITY_ASKED:
        return draft.request.open_rights
    return draft.request.asked_rights


def named(draft: Draft) -> list[RequestedRight]:
    """Answer the rights that a letter names; no proof is asked for what takes none."""
    if draft.kind != LetterKind.IDENTITY_ASKED:
        return about(draft)
    return [each for each in about(draft) if each.right and RIGHTS[each.right].may_verify]


def verifiable(draft: Draft) -> list[Right]:
    """Answer what is asked for that identity may be asked for."""
    return [each.right for each in about(draft) if each.right and RIGHTS[each.right].may_verify]


def stopped(draft: Draft) -> list[Right]:
    """Answer what is asked for that no identity may be asked for."""
    return [
        each.right
        for each in about(draft)
        if each.right and RIGHTS[each.right].verification == Verification.NONE
    ]


def taken_for_now(draft: Draft) -> RequestedRight | None:
    """Answer what the refused right is treated as, while that owes an answer (11 CCR 7024(a))."""
    refused = draft.right.right if draft.right else None
    other = taken_for(refused, codes(draft), draft.request.jurisdiction)
    return next((each for each in draft.request.open_rights if other and each.right == other), None)


def codes(draft: Draft) -> set[str]:
    """Answer the codes of the reasons why the right was refused."""
    reasons = draft.right.reasons if draft.right else None
    return {reason["code"] for reason in reasons or ()}


def _is(draft: Draft, *rights: Right) -> bool:
    return draft.right is not None and draft.right.right in rights


def _retains(draft: Draft) -> bool:
    reasons = draft.right.reasons if draft.right else None
    exempt = any(reason["counted_as"] == "exempt" for reason in reasons or ())
    return exempt and _is(draft, Right.DELETE)


def _is_unverified(draft: Draft, right: Right) -> bool:
    return Code.UNVERIFIED in codes(draft) and _is(draft, right)


def _is_extendable(draft: Draft) -> bool:
    named = [each.right for each in about(draft) if each.right]
    return any(RIGHTS[right].clock in ANSWERED_IN_TIME for right in named) or not named


def _is_declared(draft: Draft) -> bool:
    return any(RIGHTS[right].verification == Verification.HIGH for right in verifiable(draft))


def _is_appealable(draft: Draft) -> bool:
    until = draft.right.appeal_by if draft.right else None
    return until is not None and until >= draft.today


def _law(draft: Draft) -> Jurisdiction:
    return find_jurisdiction(draft.request.jurisdiction)


def _wants_records(draft: Draft) -> bool:
    """Tell whether the law there wants a log of requests; Minnesota's wants one of appeals."""
    law = _law(draft)
    return law.is_californian or law.key == "US-CO"


def _is_abroad(draft: Draft) -> bool:
    key = draft.request.jurisdiction
    return key != UNKNOWN and not key.startswith("US-")


_TESTS: dict[When, Callable[[Draft], bool]] = {
    When.ALWAYS: lambda _: True,
    When.VERIFIABLE: lambda draft: bool(verifiable(draft)),
    When.STOP: lambda draft: bool(stopped(draft)),
    When.EXTENDABLE: _is_extendable,
    When.RECORDED: lambda draft: _is(draft, Right.DELETE) and _wants_records(draft),
    When.NOTED: lambda draft: _is(draft, Right.DELETE) and not _wants_records(draft),
    When.OPT_OUT_LEFT: lambda draft: _is(draft, Right.DELETE) and not _is_abroad(draft),
    When.RETAINED: _retains,
    When.OPT_OUT: lambda draft: _is(draft, Right.OPT_OUT, Right.OPT_OUT_ADS),
    When.LIMIT: lambda draft: _is(draft, Right.LIMIT),
    When.ADMT_OPT_OUT: lambda draft: _is(draft, Right.ADMT_OPT_OUT),
    When.LOCKED: lambda draft: _is(draft, *LOCKED) and _law(draft).is_californian,
    When.HEALTH: lambda draft: _is(draft, Right.CORRECT) and _law(draft).is_californian,
    When.CATEGORIES_INSTEAD: lambda draft: taken_for_now(draft) is not None,
    When.POLICY_INSTEAD: lambda draft: _is_unverified(draft, Right.KNOW_CATEGORIES),
    When.DECLARED: _is_declared,
    When.APPEALABLE: _is_appealable,
    When.APPEALED: lambda draft: draft.appeal is not None,
    When.NOT_APPEALED: lambda draft: draft.appeal is None,
    When.ABROAD: _is_abroad,
}
