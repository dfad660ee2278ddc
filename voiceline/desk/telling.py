"""What a letter changes when it goes, and when it comes back: who was told, and what is in force.

A decision that nobody told of counts for nothing yet, and an extension is in force only once the
consumer knows of it; so what a letter told is owed again when its e-mail was refused for good.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.desk.changes import local_day
from voiceline.desk.open_appeals import newest_appeals
from voiceline.desk.timing import Means
from voiceline.letters import letters_of, matter_of, reached
from voiceline.models import Appeal, EventKind, Letter, PrivacyRequest, RequestEvent
from voiceline.morning import warn_again
from voiceline.records import follow
from voiceline.rules.letters import DECISIONS, OUTCOMES, LetterKind, Way
from voiceline.rules.lifecycle import AppealStatus
from voiceline.rules.outcomes import OPEN, must_tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import RequestedRight


MEANS = {
    Way.EMAIL: Means.EMAIL,
    Way.POST: Means.LETTER,
    Way.OTHER: Means.LETTER,
    Way.NOWHERE: Means.NONE,
}
"""How receipt was confirmed by a letter that went that way."""


def tell(session: Session, request: PrivacyRequest, letter: Letter, at: datetime) -> None:
    """Note what the consumer knows by the letter, as of the day it went."""
    right = _right(request, letter)
    if right is not None:
        _tell(session, request, right, letter)
        request.follow_rights(at)


def _tell(session: Session, request: PrivacyRequest, right: RequestedRight, letter: Letter) -> None:
    day = _went_on(request, letter)
    if letter.kind == LetterKind.EXTENSION:
        extended = _appeal(session, letter) or right
        if extended.extended_told_on is None and day <= extended.first_by:
            extended.tell_extension(day)
    elif letter.kind in DECISIONS:
        if _decides(session, request, letter):
            right.tell_by = None
    elif right.told_on is None and right.tell_by and OUTCOMES.get(letter.kind) == right.status:
        right.tell(day)


def tell_again(session: Session, letter: Letter, at: datetime) -> None:
    """Note what the consumer knows by a letter whose e-mail had come back and goes once more."""
    request = session.get_one(
        PrivacyRequest, letter.request_id, with_for_update={"of": PrivacyRequest, "key_share": True}
    )
    if letter.kind == LetterKind.ACKNOWLEDGEMENT:
        if request.acknowledged_at is None:
            confirmed = request.acknowledge(how=Means.EMAIL.value, at=at)
            confirmed.facts = {"how": Means.EMAIL.value}
            _keep(session, request, confirmed, Action.REQUEST_ACKNOWLEDGED, audit.OPERATOR)
    else:
        tell(session, request, letter, at)
    event = request.note_event(EventKind.LETTER_SENT, at=at, right=_right(request, letter))
    event.facts = {"letter": str(letter.id), "about": letter.kind.value, "way": letter.way.value}
    event.facts |= {"sent_on": str(_went_on(request, letter)), "sha256": letter.sha256}
    _keep(session, request, event, Action.REQUEST_LETTER_SENT, audit.OPERATOR)


def take_back(session: Session, letter: Letter, at: datetime) -> None:
    """Owe again what the letter was to tell: its e-mail came back.

    What else told the same counts as if this letter had never gone. Where what it told of is no
    longer so, there is only the entry in the history.
    """
    request = session.get_one(
        PrivacyRequest, letter.request_id, with_for_update={"of": PrivacyRequest, "key_share": True}
    )
    right, letters = _right(request, letter), letters_of(session, request)
    watched_by = request.watch_by
    alike = [each for each in letters if _tells_the_same(each, letter) and reached(each)]
    if letter.kind == LetterKind.ACKNOWLEDGEMENT:
        _confirm_by(request, letter, alike)
    elif right is not None:
        _untell(session, request, right, letter)
        for other in sorted(alike, key=lambda each: each.kept_at):
            if other.kept_at >= _since(session, right, letter):
                _tell(session, request, right, other)
    request.follow_rights(at)
    if request.watch_by and request.watch_by != watched_by:
        warn_again(session, request)
    event = request.note_event(EventKind.LETTER_RETURNED, at=at, right=right)
    event.facts = {"letter": str(letter.id), "about": letter.kind.value}
    _keep(session, request, event, Action.REQUEST_LETTER_RETURNED, audit.SYSTEM)


def _keep(
    session: Session, request: PrivacyRequest, event: RequestEvent, action: Action, by: audit.Actor
) -> None:
    """Let the log follow, and write the entry of the history into the audit trail.

    It is the newest change: what a colleague did before it cannot be undone past it.
    """
    request.last_change_id = event.id
    session.flush()
    follow(session, request, at=event.at)
    facts = {"entry": str(event.id), "right": event.right.right if event.right else None}
    facts |= event.facts or {}
    deed = Deed(request.business_id, action, by, event.at, audit.about(request), facts)
    audit.write(session, deed)


def _confirm_by(request: PrivacyRequest, letter: Letter, alike: Sequence[Letter]) -> None:
    """Owe the confirmation again, unless it was another that confirmed, or another went, too."""
    if request.acknowledged_at != _went_at(letter):
        return
    request.unconfirm()
    if alike and request.finished_at is None:
        first = min(alike, key=_went_at)
        request.acknowledged_at, request.acknowledged_how = _went_at(first), MEANS[first.way].value


def _untell(
    session: Session, request: PrivacyRequest, right: RequestedRight, letter: Letter
) -> None:
    """Be as before the letter went; a day of telling that a colleague noted stays."""
    if letter.kind == LetterKind.EXTENSION:
        extended = _appeal(session, letter) or right
        if extended.extended_by is not None:
            extended.tell_extension(_noted_on(session, right, letter))
    elif letter.kind == LetterKind.APPEAL_UPHELD:
        appeal = _appeal(session, letter)
        if appeal and _decides(session, request, letter):
            right.tell_by = appeal.in_force_by
    elif letter.kind == LetterKind.APPEAL_REVERSED:
        if right.status in OPEN and _decides(session, request, letter):
            right.tell_by = right.due_by
    elif must_tell(right.right, right.status) and OUTCOMES.get(letter.kind) == right.status:
        is_newest = letter.kept_at >= _since(session, right, letter)
        if is_newest and not _was_appealed(session, right):
            right.tell_by, right.told_on = right.due_by, None


def _decides(session: Session, request: PrivacyRequest, letter: Letter) -> bool:
    """Tell whether the letter is about the newest decision on the right, and that one stands."""
    appeal = _appeal(session, letter)
    if appeal is None or newest_appeals(session, request).get(appeal.right_id) is not appeal:
        return False
    if letter.kind == LetterKind.APPEAL_UPHELD:
        return appeal.stands
    return appeal.status == AppealStatus.REVERSED and not must_tell(
        appeal.right.right, appeal.right.status
    )


def _since(session: Session, right: RequestedRight, letter: Letter) -> datetime:
    """Answer from when on a letter tells of what is so now."""
    appeal = _appeal(session, letter)
    if letter.kind == LetterKind.EXTENSION:
        extended_at = appeal.noted_at if appeal else right.extended_at
        return extended_at or letter.kept_at
    decided_at = appeal.decided_at if appeal and letter.kind in DECISIONS else right.finished_at
    return decided_at or letter.kept_at


def _noted_on(session: Session, right: RequestedRight, letter: Letter) -> date | None:
    """Answer the day on which the consumer was told of the extension as a colleague noted."""
    entries = session.scalars(
        select(RequestEvent)
        .where(RequestEvent.right_id == right.id, RequestEvent.kind == EventKind.EXTENDED)
        .order_by(RequestEvent.at.desc())
    )
    about = str(letter.appeal_id) if letter.appeal_id else None
    facts = next((each.facts or {} for each in entries if _appeal_in(each) == about), {})
    told_on = facts.get("told_on")
    return date.fromisoformat(told_on) if told_on else None


def _appeal_in(entry: RequestEvent) -> str | None:
    found: str | None = (entry.facts or {}).get("appeal")
    return found


def _was_appealed(session: Session, right: RequestedRight) -> bool:
    """Tell whether the consumer appealed against the answer that there is, and so knows it."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Appeal.right_id == right.id,
                    Appeal.status != AppealStatus.STRUCK,
                    Appeal.noted_at >= right.finished_at,
                )
            )
        )
    )


def _tells_the_same(other: Letter, letter: Letter) -> bool:
    return other.id != letter.id and matter_of(other) == matter_of(letter)


def _went_at(letter: Letter) -> datetime:
    """Answer when it left the house: as it was kept, or when it was owed once more."""
    owed_again = letter.delivery.owed_again_at if letter.delivery else None
    return owed_again or letter.kept_at


def _went_on(request: PrivacyRequest, letter: Letter) -> date:
    went_at = _went_at(letter)
    return letter.sent_on if went_at == letter.kept_at else local_day(request, went_at)


def _right(request: PrivacyRequest, letter: Letter) -> RequestedRight | None:
    return next((each for each in request.rights if each.id == letter.right_id), None)


def _appeal(session: Session, letter: Letter) -> Appeal | None:
    return session.scalar(select(Appeal).where(Appeal.id == letter.appeal_id))
