"""What a request owes now, the most urgent first: the step that comes next, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.dashboard.badges import Badge, countdown
from voiceline.errors import IdentityError
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.identity import check_proven
from voiceline.rules.letters import LetterKind
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.rights import LABELS, RIGHTS, ClockClass, Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from voiceline.letters import Offer
    from voiceline.models import PrivacyRequest, RequestedRight
    from voiceline.rules.identity import Level, Method


@dataclass(frozen=True)
class Owed:
    """One thing to do."""

    what: str
    says: str
    by: date
    step: str
    """The name of the step that does it; `letter` where a letter does."""
    right: RequestedRight | None = None
    letter: Offer | None = None


def owed(
    request: PrivacyRequest,
    proven: tuple[Level, frozenset[Method]],
    letters: Sequence[Offer] = (),
) -> list[Owed]:
    """Answer all that is owed, each thing once; nothing for what is answered and told."""
    found: dict[tuple[str, RequestedRight | None, LetterKind | None], Owed] = {}
    for each in (*_receipt(request), *_rights(request, proven), *_letters(letters)):
        key = (each.step, each.right, each.letter.kind if each.letter else None)
        if key not in found or each.by < found[key].by:
            found[key] = each
    return sorted(found.values(), key=lambda each: each.by)


def badge_of(each: Owed, request: PrivacyRequest, today: date) -> Badge:
    """Answer how long is left for it."""
    return countdown(request.received_on, each.by, today)


def opt_out_by(request: PrivacyRequest) -> date:
    """Answer the date of the most urgent thing that an unnamed right may be."""
    return deadlines_for(Right.OPT_OUT, request.received_on).respond_by


def _receipt(request: PrivacyRequest) -> Iterator[Owed]:
    if request.receipt_by:
        yield Owed(
            "Confirm receipt",
            "Tell the consumer that it came, and how you will answer it.",
            request.receipt_by,
            "acknowledge",
        )


def _letters(offers: Sequence[Offer]) -> Iterator[Owed]:
    for offer in offers:
        if offer.owed_by is None or offer.kind == LetterKind.ACKNOWLEDGEMENT:
            continue
        is_later = offer.kind == LetterKind.EXTENSION
        yield Owed(
            "Tell the consumer of the later date" if is_later else "Tell the consumer the answer",
            "Until then the first date counts." if is_later else "Until then it is not answered.",
            offer.owed_by,
            "letter",
            offer.right,
            offer,
        )


def _rights(request: PrivacyRequest, proven: tuple[Level, frozenset[Method]]) -> Iterator[Owed]:
    for right in request.asked_rights:
        if not right.is_due:
            continue
        if right.right is None:
            listen = "Listen, and name" if request.call_id else "Name"
            yield Owed(
                f"{listen} what is asked for",
                "If it is an opt-out, it is due on this day already.",
                min(opt_out_by(request), right.due_by),
                "name_right",
            )
        elif right.status == RightStatus.APPEALED:
            what = f"Decide the appeal: {LABELS[right.right]}"
            says = "The consumer does not accept the answer."
            yield Owed(what, says, right.due_by, "decide_appeal", right)
        elif why := _unproven(request, right, proven):
            yield Owed("Verify who asks", why, right.due_by, "verify")
        else:
            yield _answer(right.right, right)


def _answer(asked: Right, right: RequestedRight) -> Owed:
    if right.status == RightStatus.DEFERRED:
        says = "It waits for an outstanding balance; the clock runs on."
    elif RIGHTS[asked].clock == ClockClass.STOP:
        says = "No proof of identity may be asked for: do it, and note what was done."
    else:
        says = "Do what is asked for, or say why not, and note the answer."
    return Owed(f"Answer: {LABELS[asked]}", says, right.due_by, "complete", right)


def _unproven(
    request: PrivacyRequest, right: RequestedRight, proven: tuple[Level, frozenset[Method]]
) -> str | None:
    try:
        check_proven(right.right, request.standing, *proven)
    except IdentityError as error:
        return str(error)
    return None
