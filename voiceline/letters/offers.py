"""Which letters a request calls for: those that are owed by law, and those that can be written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.rules.letters import DECISIONS, OUTCOMES, LetterKind, Way
from voiceline.rules.lifecycle import AppealStatus, DeliveryStatus
from voiceline.rules.outcomes import must_tell
from voiceline.rules.rights import RIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

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


_OUTCOMES = {status: kind for kind, status in OUTCOMES.items()}
_DECISIONS = {status: kind for kind, status in DECISIONS.items()}


def offers(
    request: PrivacyRequest, letters: Sequence[Letter], appeals: Sequence[Appeal]
) -> list[Offer]:
    """Answer what can be written now, what is owed first."""
    appeals = [each for each in appeals if each.status != AppealStatus.STRUCK]
    found = [
        *_of_request(request, letters),
        *(offer for right in request.asked_rights for offer in _of_right(right, letters, appeals)),
        *(offer for appeal in appeals for offer in _of_appeal(appeal, letters, appeals)),
    ]
    return sorted(found, key=lambda offer: offer.owed_by is None)


def reached(letter: Letter) -> bool:
    """Tell whether the letter went out as far as we know; a refused e-mail did not."""
    failed = letter.delivery is not None and letter.delivery.status == DeliveryStatus.FAILED
    return not (letter.way == Way.EMAIL and failed)


def matter_of(letter: Letter) -> tuple[LetterKind, UUID | None, UUID | None]:
    """Answer what a letter tells of: its kind, the right and the appeal, where it is about one.

    An answer is an answer, whichever appeal came of it.
    """
    return letter.kind, letter.right_id, None if letter.kind in OUTCOMES else letter.appeal_id


def _of_request(request: PrivacyRequest, letters: Sequence[Letter]) -> Iterator[Offer]:
    if not request.open_rights:
        return
    if request.acknowledged_at is None:
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
    if right.extended_at is not None and right.has_own_date:
        sent = _sent(letters, LetterKind.EXTENSION, right.extended_at, right)
        owed_by = None if sent or right.extended_told_on else right.respond_by
        yield Offer(LetterKind.EXTENSION, right, owed_by=owed_by, sent=sent)
    for appeal in appeals:
        if appeal.right_id == right.id and appeal.status == AppealStatus.OPEN:
            yield from _of_extended_appeal(appeal, letters)
    if kind := _OUTCOMES.get(right.status):
        since = right.finished_at or right.request.received_at
        sent = _sent(letters, kind, since, right)
        owed_by = None if sent or right.told_on else right.tell_by
        yield Offer(kind, right, owed_by=owed_by, sent=sent)


def _of_extended_appeal(appeal: Appeal, letters: Sequence[Letter]) -> Iterator[Offer]:
    if appeal.extended_by is None:
        return
    sent = _sent(letters, LetterKind.EXTENSION, appeal.noted_at, appeal.right, appeal)
    owed_by = None if sent or appeal.extended_told_on else appeal.decide_by
    yield Offer(LetterKind.EXTENSION, appeal.right, appeal, owed_by, sent)


def _of_appeal(
    appeal: Appeal, letters: Sequence[Letter], appeals: Sequence[Appeal]
) -> Iterator[Offer]:
    kind = _DECISIONS.get(appeal.status)
    if kind is None or appeal.decided_at is None:
        return
    right = appeal.right
    sent = _sent(letters, kind, appeal.decided_at, right, appeal)
    newest = max((one for one in appeals if one.right_id == right.id), key=lambda one: one.noted_at)
    is_untold = appeal is newest and not sent
    if kind == LetterKind.APPEAL_UPHELD:
        is_untold = is_untold and appeal.stands
    else:
        is_untold = is_untold and not must_tell(right.right, right.status)
    yield Offer(kind, right, appeal, right.tell_by if is_untold else None, sent)


def _sent(
    letters: Sequence[Letter],
    kind: LetterKind,
    since: datetime,
    right: RequestedRight | None = None,
    appeal: Appeal | None = None,
) -> Letter | None:
    about = (kind, right.id if right else None, appeal.id if appeal else None)
    found = [
        letter
        for letter in letters
        if matter_of(letter) == about and letter.kept_at >= since and reached(letter)
    ]
    return max(found, key=lambda letter: letter.kept_at, default=None)
