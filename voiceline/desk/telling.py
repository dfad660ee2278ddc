"""What a letter changes when it goes, and when it comes back: who was told, and what is in force.

A decision that nobody told of counts for nothing yet, and an extension is in force only once the
consumer knows of it; so what a letter told is owed again when its e-mail was refused for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.desk.changes import local_day
from voiceline.desk.timing import Means
from voiceline.letters import letters_of, reached
from voiceline.models import Appeal, EventKind, Letter, PrivacyRequest
from voiceline.morning import warn_again
from voiceline.records import follow
from voiceline.rules.letters import OUTCOMES, LetterKind

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from voiceline.models import RequestedRight, RequestEvent


def tell(session: Session, request: PrivacyRequest, letter: Letter, at: datetime) -> None:
    """Note what the consumer knows by the letter, as of the day it went."""
    right, day = _right(request, letter), _went_on(request, letter)
    if right is None:
        return
    if letter.kind == LetterKind.EXTENSION:
        appeal = _appeal(session, letter)
        extended = appeal or right
        first = appeal.decide_by if appeal else right.respond_by
        if extended.extended_told_on is None and day <= first:
            extended.tell_extension(day)
    elif right.tell_by and _tells(letter, right):
        right.tell(day)
    request.follow_rights(at)


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

    Where another letter told the same, or what it told of is no longer so, there is only the entry
    in the history.
    """
    request = session.get_one(
        PrivacyRequest, letter.request_id, with_for_update={"of": PrivacyRequest, "key_share": True}
    )
    if not _was_told_again(session, request, letter):
        _untell(session, request, letter)
        request.follow_rights(at)
        warn_again(session, request)
    event = request.note_event(EventKind.LETTER_RETURNED, at=at, right=_right(request, letter))
    event.facts = {"letter": str(letter.id), "about": letter.kind.value}
    _keep(session, request, event, Action.REQUEST_LETTER_RETURNED, audit.SYSTEM)


def _keep(
    session: Session, request: PrivacyRequest, event: RequestEvent, action: Action, by: audit.Actor
) -> None:
    """Let the log follow, and write the entry of the history into the audit trail."""
    session.flush()
    follow(session, request, at=event.at)
    facts = {"entry": str(event.id), "right": event.right.right if event.right else None}
    facts |= event.facts or {}
    deed = Deed(request.business_id, action, by, event.at, audit.about(request), facts)
    audit.write(session, deed)


def _untell(session: Session, request: PrivacyRequest, letter: Letter) -> None:
    if letter.kind == LetterKind.ACKNOWLEDGEMENT:
        if request.acknowledged_at == _went_at(letter):
            request.unconfirm()
        return
    right = _right(request, letter)
    if right is None:
        return
    if letter.kind == LetterKind.EXTENSION:
        extended = _appeal(session, letter) or right
        if right.is_due and extended.extended_told_on == _went_on(request, letter):
            extended.tell_extension(None)
    elif letter.kind in OUTCOMES and right.status == OUTCOMES[letter.kind]:
        right.tell_by, right.told_on = right.answer_by, None
    elif letter.kind == LetterKind.APPEAL_UPHELD and (appeal := _appeal(session, letter)):
        right.tell_by = appeal.in_force_by if right.status == appeal.against else None


def _tells(letter: Letter, right: RequestedRight) -> bool:
    """Tell whether the letter says what is untold: the answer, or after it the decision."""
    if letter.kind == LetterKind.APPEAL_UPHELD:
        return True
    return right.told_on is None and OUTCOMES.get(letter.kind) == right.status


def _was_told_again(session: Session, request: PrivacyRequest, letter: Letter) -> bool:
    return any(
        other.id != letter.id
        and (other.kind, other.right_id, other.appeal_id)
        == (letter.kind, letter.right_id, letter.appeal_id)
        and other.kept_at >= letter.kept_at
        and reached(other)
        for other in letters_of(session, request)
    )


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
