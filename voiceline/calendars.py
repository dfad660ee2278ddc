"""The verbs of a colleague's calendar of deadlines, found by a secret address.

The address is shown once, when it is made; only its hash is kept. Whoever knows it reads
references, rights and dates of one business, and nothing of any consumer.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.errors import NotFoundError
from voiceline.models import Business, CalendarAddress, Membership, PrivacyRequest, User
from voiceline.rules.icalendar import DayEvent
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.outcomes import Task
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from voiceline.models import RequestedRight

TOKEN_BYTES = 32
MOST_REQUESTS = 500
"""What a calendar shows: the dates that come first."""

NOT_NAMED = "not named yet"

SUMMARIES = {
    Task.CONFIRM: "Receipt to confirm",
    Task.NAME: "To be named",
    Task.ANSWER: "Answer due",
    Task.DECIDE: "Appeal to decide",
    Task.TELL: "Consumer to be told",
}


@dataclass(frozen=True)
class Deadlines:
    """What a secret address leads to."""

    business_id: UUID
    business: str
    requests: list[PrivacyRequest]


def open_calendar(session: Session, membership: Membership, *, at: datetime) -> str:
    """Answer the token of a new address; the one there was leads nowhere any more."""
    _forget(session, membership)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        CalendarAddress(
            id=uuid4(),
            business_id=membership.business_id,
            user_id=membership.user_id,
            token_sha256=_hash(token),
            created_at=at,
        )
    )
    _prove(session, membership, Action.PERSON_CALENDAR_OPENED, at)
    return token


def close_calendar(session: Session, membership: Membership, *, at: datetime) -> None:
    """Let the address lead nowhere any more."""
    if _forget(session, membership):
        _prove(session, membership, Action.PERSON_CALENDAR_CLOSED, at)


def calendar_of(session: Session, membership: Membership) -> CalendarAddress | None:
    """Answer the member's address, without the token that nobody knows any more."""
    return session.scalar(
        select(CalendarAddress).where(
            CalendarAddress.business_id == membership.business_id,
            CalendarAddress.user_id == membership.user_id,
        )
    )


def find_deadlines(session: Session, token: str) -> Deadlines:
    """Answer what the address leads to, or raise NotFoundError.

    It leads nowhere once its owner left the business or may not sign in, or the business closed.
    """
    business = session.scalar(
        select(Business)
        .join(CalendarAddress, CalendarAddress.business_id == Business.id)
        .join(User, User.id == CalendarAddress.user_id)
        .join(
            Membership,
            (Membership.business_id == Business.id) & (Membership.user_id == User.id),
        )
        .where(
            CalendarAddress.token_sha256 == _hash(token),
            User.disabled_at.is_(None),
            Business.status != BusinessStatus.CLOSED,
        )
    )
    if business is None:
        raise NotFoundError("no such calendar")
    return Deadlines(business.id, business.name, _open_requests(session, business.id))


def events_of(deadlines: Deadlines, base: str) -> list[DayEvent]:
    """Answer a day for each thing that is owed; `base` is the dashboard's address."""
    inbox = f"{base}/businesses/{deadlines.business_id}/requests"
    return [
        DayEvent(
            uid=f"{of.id}@voiceline",
            day=day,
            summary=f"{SUMMARIES[task]}: {grouped(request.reference)}, {about}",
            stamped_at=request.filed_at,
            sequence=request.version,
            address=f"{inbox}/{request.id}",
        )
        for request in deadlines.requests
        for of, day, task, about in _tasks(request)
    ]


def _tasks(
    request: PrivacyRequest,
) -> Iterator[tuple[PrivacyRequest | RequestedRight, date, Task, str]]:
    """Yield all that is owed about a request: of what, the day, the task, the right's name."""
    named = [LABELS[each.right] for each in request.asked_rights if each.right]
    if request.receipt_by:
        yield request, request.receipt_by, Task.CONFIRM, ", ".join(sorted(named)) or NOT_NAMED
    for right in sorted(request.asked_rights, key=lambda each: each.id):
        if task := right.task(request.received_on):
            yield right, *task, LABELS[right.right] if right.right else NOT_NAMED


def _open_requests(session: Session, business_id: UUID) -> list[PrivacyRequest]:
    """Answer what is due first; no more of the index is read than is shown."""
    found = PrivacyRequest
    rows = session.scalars(
        select(found)
        .where(found.business_id == business_id, found.watch_by.is_not(None))
        .order_by(found.watch_by, found.received_at, found.id)
        .limit(MOST_REQUESTS)
        .options(selectinload(found.rights))
    )
    return list(rows)


def _forget(session: Session, membership: Membership) -> bool:
    gone = session.scalars(
        delete(CalendarAddress)
        .where(
            CalendarAddress.business_id == membership.business_id,
            CalendarAddress.user_id == membership.user_id,
        )
        .returning(CalendarAddress.id)
    ).all()
    return bool(gone)


def _prove(session: Session, membership: Membership, action: Action, at: datetime) -> None:
    session.flush()
    user = session.get_one(User, membership.user_id)
    by, subject = audit.staff(user), audit.about(user)
    audit.write(session, Deed(membership.business_id, action, by, at, subject))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
