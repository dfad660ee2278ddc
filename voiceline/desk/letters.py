"""The verb of sending a letter: what was previewed leaves the house, and stays as it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from voiceline.deliveries import Owed, owe
from voiceline.desk.changes import begin, keep, local_day
from voiceline.desk.telling import MEANS, tell
from voiceline.errors import DateError, UserError
from voiceline.letters import compose
from voiceline.models import DeliveryKind, EventKind, Letter
from voiceline.rules.letters import LetterKind, Way

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Before, Clerk
    from voiceline.letters import Draft
    from voiceline.models import PrivacyRequest, RequestEvent

LONGEST_FREE = 2000
"""Characters of the paragraph in a colleague's own words."""


@dataclass(frozen=True)
class Dispatch:
    """How a letter leaves the house."""

    way: Way
    seen: str
    """The hash of what the colleague was shown."""
    sent_on: date | None = None
    """None: today; an e-mail always goes today."""


def send_letter(
    session: Session, request: PrivacyRequest, clerk: Clerk, draft: Draft, dispatch: Dispatch
) -> RequestEvent:
    """Keep the letter as it is; an e-mail is owed from now on, every other way is noted as done.

    Raises UserError where the letter is not the one that was shown, or there is no address to send
    it to. A letter that confirms receipt does so, as of the day it was sent.
    """
    before = begin(session, request, clerk)
    composed = compose(draft)
    if composed.sha256 != dispatch.seen:
        raise UserError("The letter is another one by now. Read it again, then send it.")
    day = _day(request, clerk, dispatch)
    confirms = draft.kind == LetterKind.ACKNOWLEDGEMENT
    confirms = confirms and request.acknowledged_at is None and request.finished_at is None
    letter = Letter(
        id=uuid4(),
        business_id=request.business_id,
        request_id=request.id,
        right_id=draft.right.id if draft.right else None,
        appeal_id=draft.appeal.id if draft.appeal else None,
        kind=draft.kind,
        language=draft.language,
        way=dispatch.way,
        address=_address(request) if dispatch.way == Way.EMAIL else None,
        sent_on=day,
        kept_at=clerk.at,
        kept_by_id=clerk.user.id,
        wording=composed.wording,
        subject=composed.subject,
        text=composed.text,
        sha256=composed.sha256,
    )
    session.add(letter)
    session.flush()
    if letter.address:
        _owe(session, letter, draft, clerk)
    if confirms:
        _confirm(session, request, clerk, letter, before)
    tell(session, request, letter, clerk.at)
    event = request.note_event(
        EventKind.LETTER_SENT, at=clerk.at, by=clerk.user.id, right=draft.right
    )
    facts = {"letter": str(letter.id), "about": letter.kind.value, "way": letter.way.value}
    facts |= {"sent_on": day.isoformat(), "sha256": letter.sha256, **_lateness(draft, day)}
    return keep(session, request, clerk, event, before, facts)


def _confirm(
    session: Session, request: PrivacyRequest, clerk: Clerk, letter: Letter, before: Before
) -> None:
    """Note that receipt was confirmed by the letter."""
    how = MEANS[letter.way]
    event = request.acknowledge(how=how, at=clerk.at, by=clerk.user.id)
    request.acknowledged_at = _moment(request, clerk, letter.sent_on)
    keep(session, request, clerk, event, before, {"how": how.value})


def _moment(request: PrivacyRequest, clerk: Clerk, day: date) -> datetime:
    """Answer now for today, and for a day before its noon, but not before the request came."""
    if day == local_day(request, clerk.at):
        return clerk.at
    noon = datetime.combine(day, time(12), ZoneInfo(request.business.time_zone))
    return max(noon, request.received_at)


def _lateness(draft: Draft, day: date) -> dict[str, str]:
    """Answer the first date where a notice of extension is sent after it: then it is no proof."""
    first = draft.right.respond_by if draft.right else None
    if draft.appeal is not None:
        first = draft.appeal.decide_by
    is_late = draft.kind == LetterKind.EXTENSION and first is not None and day > first
    return {"owed_by": first.isoformat()} if is_late and first else {}


def _day(request: PrivacyRequest, clerk: Clerk, dispatch: Dispatch) -> date:
    today = local_day(request, clerk.at)
    today_only = dispatch.way in {Way.EMAIL, Way.NOWHERE}
    day = today if today_only else dispatch.sent_on or today
    if day > today:
        raise DateError(f"{day} is still to come: note the letter once it has gone.")
    if day < request.received_on:
        raise DateError(f"{day} is before the request came: it was received {request.received_on}.")
    return day


def _address(request: PrivacyRequest) -> str:
    address = request.requester.email if request.requester else None
    if not address:
        raise UserError(
            "We have no e-mail address of this consumer. Send the letter another way and note it."
        )
    return address


def _owe(session: Session, letter: Letter, draft: Draft, clerk: Clerk) -> None:
    owed = Owed(
        DeliveryKind.LETTER,
        key=f"letter/{letter.id.hex}",
        business_id=letter.business_id,
        address=letter.address or "",
        request_id=letter.request_id,
        letter_id=letter.id,
        facts={"reply_to": draft.contact},
    )
    owe(session, [owed], at=clerk.at)
