"""Which letters a request calls for: those that are owed by law, and those that can be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.lifecycle import AppealStatus, DeliveryStatus, RightStatus
from voiceline.rules.rights import RIGHTS, ClockClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from voiceline.models import Appeal, Letter, PrivacyRequest, RequestedRight


@dataclass(frozen=True)
class Offer:
    """A letter that can be written now."""

    kind: LetterKind
    right: RequestedRight | None = None
    appeal: Appeal | None = None
    owed_by: date | None = None
    """Until when the law wants it sent; None where it is owed by none, or was sent."""
    sent: Letter | None = None
    """The newest one that was sent since what it tells of was decided."""

    def is_late(self, today: date) -> bool:
        """Tell whether it is owed since a day that has passed."""
        return self.owed_by is not None and self.owed_by < today


_OUTCOMES = {
    RightStatus.COMPLETED: LetterKind.COMPLETED,
    RightStatus.PARTLY: LetterKind.PARTLY,
    RightStatus.DENIED: LetterKind.DENIED,
    RightStatus.REDIRECTED: LetterKind.REDIRECTED,
    RightStatus.DEFERRED: LetterKind.DEFERRED,
}
_DECISIONS = {
    AppealStatus.UPHELD: LetterKind.APPEAL_UPHELD,
    AppealStatus.REVERSED: LetterKind.APPEAL_REVERSED,
}


def offers(
    request: PrivacyRequest, letters: Sequence[Letter], appeals: Sequence[Appeal]
) -> list[Offer]:
    """Answer what can be written now, what is owed first."""
    found = [
        *_of_request(request, letters),
        *(offer for right in request.asked_rights for offer in _of_right(right, letters, appeals)),
        *(offer for appeal in appeals for offer in _of_appeal(appeal, letters)),
    ]
    return sorted(found, key=lambda offer: offer.owed_by is None)


def reached(letter: Letter) -> bool:
    """Tell whether the letter went out as far as we know; a refused e-mail did not."""
    failed = letter.delivery is not None and letter.delivery.status == DeliveryStatus.FAILED
    return not (letter.way == Way.EMAIL and failed)


def owes_receipt(request: PrivacyRequest, letters: Sequence[Letter]) -> bool:
    """Tell whether receipt is still to be confirmed: an e-mail that was refused confirmed nothing.

    What was confirmed on the telephone or noted by a colleague stands.
    """
    if request.acknowledged_at is None:
        return True
    given = [each for each in letters if each.kind == LetterKind.ACKNOWLEDGEMENT]
    by_email = any(
        each.way == Way.EMAIL and each.kept_at == request.acknowledged_at for each in given
    )
    return by_email and not any(reached(each) for each in given)


def _of_request(request: PrivacyRequest, letters: Sequence[Letter]) -> Iterator[Offer]:
    if not request.open_rights:
        return
    if owes_receipt(request, letters):
        yield Offer(LetterKind.ACKNOWLEDGEMENT, owed_by=request.acknowledge_by)
    else:
        sent = _sent(letters, LetterKind.ACKNOWLEDGEMENT, request.received_at)
        yield Offer(LetterKind.ACKNOWLEDGEMENT, sent=sent)
    open_rights = [each.right for each in request.open_rights if each.right]
    if any(RIGHTS[right].may_verify for right in open_rights):
        sent = _sent(letters, LetterKind.IDENTITY_ASKED, request.received_at)
        yield Offer(LetterKind.IDENTITY_ASKED, sent=sent)


def _of_right(
    right: RequestedRight, letters: Sequence[Letter], appeals: Sequence[Appeal]
) -> Iterator[Offer]:
    if right.extended_at is not None and right.is_due and right.status != RightStatus.APPEALED:
        sent = _sent(letters, LetterKind.EXTENSION, right.extended_at, right)
        owed_by = None if sent else right.respond_by
        yield Offer(LetterKind.EXTENSION, right, owed_by=owed_by, sent=sent)
    for appeal in appeals:
        if appeal.right_id == right.id and appeal.status == AppealStatus.OPEN:
            yield from _of_extended_appeal(appeal, letters)
    if kind := _OUTCOMES.get(right.status):
        since = right.finished_at or right.request.received_at
        sent = _sent(letters, kind, since, right)
        owed_by = right.due_by if not sent and _is_owed(right) else None
        yield Offer(kind, right, owed_by=owed_by, sent=sent)


def _of_extended_appeal(appeal: Appeal, letters: Sequence[Letter]) -> Iterator[Offer]:
    if appeal.extended_by is None:
        return
    sent = _sent(letters, LetterKind.EXTENSION, appeal.noted_at, appeal.right)
    owed_by = None if sent else appeal.decide_by
    yield Offer(LetterKind.EXTENSION, appeal.right, appeal, owed_by, sent)


def _of_appeal(appeal: Appeal, letters: Sequence[Letter]) -> Iterator[Offer]:
    kind = _DECISIONS.get(appeal.status)
    if kind is None or appeal.decided_at is None:
        return
    sent = _sent(letters, kind, appeal.decided_at, appeal.right)
    owed_by = None if sent else appeal.extended_by or appeal.decide_by
    yield Offer(kind, appeal.right, appeal, owed_by, sent)


def _is_owed(right: RequestedRight) -> bool:
    """Tell whether the law wants the outcome told: every answer, and of opt-outs the refusals."""
    if right.status == RightStatus.DEFERRED:
        return False
    is_stop = right.right is not None and RIGHTS[right.right].clock == ClockClass.STOP
    return not (is_stop and right.status == RightStatus.COMPLETED)


def _sent(
    letters: Sequence[Letter],
    kind: LetterKind,
    since: datetime,
    right: RequestedRight | None = None,
) -> Letter | None:
    about = right.id if right else None
    found = [
        letter
        for letter in letters
        if letter.kind == kind
        and letter.right_id == about
        and letter.kept_at >= since
        and reached(letter)
    ]
    return max(found, key=lambda letter: letter.kept_at, default=None)
