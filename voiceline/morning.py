"""The verb of a business's morning round: dates that came near are noted, and colleagues told.

A round is made once a day, between the hours of rules/alerts.py, in the zone of the business.
What came near is noted once a request, date and stage; what is told of it, once a colleague and
day. So two schedulers tell nobody twice, and after a day of downtime nobody is told what was due
to be told yesterday: the dates that came near meanwhile are all in the next morning's message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, delete, exists, literal, select, text, update

from voiceline.database import insert_once
from voiceline.deliveries import Owed, owe
from voiceline.expiring import expiring, note_expiring, tell_expiring_on
from voiceline.models import (
    Business,
    Call,
    DeliveryKind,
    PrivacyRequest,
    RaisedDeadline,
    ServiceCode,
)
from voiceline.notices import readers_of
from voiceline.rules.alerts import (
    DAYS_LEFT,
    FRIDAY,
    SATURDAY,
    next_round,
    round_day,
    window,
)
from voiceline.rules.deadlines import received_on
from voiceline.rules.lifecycle import BusinessStatus, RequestStatus
from voiceline.rules.outcomes import CLOSED
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.rules.alerts import Stage, Wanted

OPEN = tuple(status for status in RequestStatus if status not in CLOSED)

MOST_RAISED = 5000
"""Dates noted in one transaction; a business with more is gone on with in the next one."""

WANTS: dict[DeliveryKind, str] = {
    DeliveryKind.DEADLINES: "deadlines",
    DeliveryKind.DAILY_DIGEST: "daily",
    DeliveryKind.FRIDAY_SUMMARY: "friday",
    DeliveryKind.UNASSIGNED: "unassigned",
    DeliveryKind.EXPIRING: "expiring",
}
"""Each message of the morning and the choice that asks for it."""


def due_rounds(session: Session, *, at: datetime, limit: int) -> Sequence[UUID]:
    """Answer businesses whose round may be due, the longest due first."""
    return session.scalars(
        select(Business.id)
        .where(Business.alerts_due_at <= at)
        .order_by(Business.alerts_due_at)
        .limit(limit)
    ).all()


def make_round(session: Session, business_id: UUID, *, at: datetime) -> bool:
    """Make the business's round, or a part of it; answer whether nothing of it is left.

    Somebody else who makes it at the same moment leaves nothing for us to do.
    """
    business = session.scalar(
        select(Business)
        .where(Business.id == business_id, Business.alerts_due_at <= at)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if business is None:
        return True
    day, following = round_day(at, business.time_zone), next_round(at, business.time_zone)
    _tell_on(session, business, day or received_on(following, business.time_zone))
    if day is not None and business.status != BusinessStatus.CLOSED:
        if not _raise_deadlines(session, business.id, day):
            return False
        if note_expiring(session, business.id, day=day, at=at, limit=MOST_RAISED) == MOST_RAISED:
            return False
        _tell(session, business, day, at)
    business.alerts_due_at = following
    return True


def warn_again(session: Session, request: PrivacyRequest) -> None:
    """Let the request's dates be noted anew: it was answered, and is not any more."""
    session.execute(delete(RaisedDeadline).where(RaisedDeadline.request_id == request.id))


def _raise_deadlines(session: Session, business_id: UUID, day: date) -> bool:
    """Note what came near; answer whether there is no more of it."""
    if _is_postgresql(session):
        # while the first rounds fill a table, what is known of its size is that it is empty
        session.execute(text("set local enable_seqscan = off"))
        session.execute(text("set local enable_hashjoin = off"))
    left = MOST_RAISED
    for stage in DAYS_LEFT:
        left -= _raise_stage(session, business_id, stage, day, left)
        if left <= 0:
            return False
    return True


def _raise_stage(session: Session, business_id: UUID, stage: Stage, day: date, limit: int) -> int:
    first, last = window(stage, day)
    found = PrivacyRequest
    known = exists().where(
        RaisedDeadline.request_id == found.id,
        RaisedDeadline.due_by == found.watch_by,
        RaisedDeadline.stage == stage,
    )
    near = [found.watch_by <= last] + ([found.watch_by >= first] if first else [])
    rows = (
        select(
            found.id,
            found.watch_by,
            literal(stage, RaisedDeadline.stage.type),
            found.business_id,
            cast(literal(day), Date) if _is_postgresql(session) else literal(day),
        )
        .where(found.business_id == business_id, *near, ~known)
        .order_by(found.watch_by, found.received_at, found.id)
        .limit(limit)
    )
    names = ["request_id", "due_by", "stage", "business_id", "raised_on"]
    raised = insert_once(session, RaisedDeadline).from_select(names, rows)
    return len(session.scalars(raised.returning(RaisedDeadline.request_id)).all())


def _tell_on(session: Session, business: Business, day: date) -> None:
    """Let that day tell of what was noted by rounds that nobody made to their end."""
    began = business.alerts_due_at.astimezone(ZoneInfo(business.time_zone)).date()
    noted = RaisedDeadline.raised_on
    session.execute(
        update(RaisedDeadline)
        .where(RaisedDeadline.business_id == business.id, noted >= began, noted < day)
        .values(raised_on=day)
    )
    tell_expiring_on(session, business.id, began=began, day=day)


def _tell(session: Session, business: Business, day: date, at: datetime) -> None:
    """Owe the morning's messages that there is something to say in."""
    kinds = [kind for kind in _of_the_day(day) if _says_something(session, business, kind, day)]
    if not kinds:
        return
    readers = readers_of(session, business.id)
    owe(
        session,
        (
            Owed(
                kind,
                key=f"{kind}/{business.id.hex}/{reader.user_id.hex}/{day}",
                business_id=business.id,
                address=reader.email,
                user_id=reader.user_id,
                about_on=day,
            )
            for kind in kinds
            for reader in readers
            if wants(reader.wanted, kind)
        ),
        at=at,
    )


def wants(wanted: Wanted, kind: DeliveryKind) -> bool:
    """Tell whether the choice asks for that message of the morning."""
    return bool(getattr(wanted, WANTS[kind]))


def _of_the_day(day: date) -> Iterator[DeliveryKind]:
    """Yield the messages of that weekday: a date comes near on a Sunday, too."""
    yield DeliveryKind.DEADLINES
    yield DeliveryKind.EXPIRING
    if day.weekday() < SATURDAY:
        yield DeliveryKind.DAILY_DIGEST
        yield DeliveryKind.UNASSIGNED
    if day.weekday() == FRIDAY:
        yield DeliveryKind.FRIDAY_SUMMARY


def _says_something(session: Session, business: Business, kind: DeliveryKind, day: date) -> bool:
    if kind == DeliveryKind.FRIDAY_SUMMARY:
        return True
    if kind == DeliveryKind.DEADLINES:
        raised = select(RaisedDeadline.request_id).where(
            RaisedDeadline.business_id == business.id, RaisedDeadline.raised_on == day
        )
        return session.scalar(raised.limit(1)) is not None
    if kind == DeliveryKind.EXPIRING:
        return bool(expiring(session, business.id, day))
    if kind == DeliveryKind.UNASSIGNED:
        return bool(unassigned(session, business.id, limit=1))
    mine = select(PrivacyRequest.id).where(
        PrivacyRequest.business_id == business.id, PrivacyRequest.watch_by.is_not(None)
    )
    return session.scalar(mine.limit(1)) is not None


def unassigned(session: Session, business_id: UUID, *, limit: int) -> Sequence[PrivacyRequest]:
    """Answer open requests by calls that keyed no code, the oldest first.

    They are the operator's, in whose account nothing else piles up; no other business has any.
    """
    operator = select(ServiceCode.business_id).where(ServiceCode.code == OPERATOR_CODE)
    if session.scalar(operator) != business_id:
        return []
    return session.scalars(
        select(PrivacyRequest)
        .join(Call, Call.id == PrivacyRequest.call_id)
        .where(
            PrivacyRequest.business_id == business_id,
            PrivacyRequest.status.in_(OPEN),
            Call.unassigned,
        )
        .order_by(PrivacyRequest.received_at, PrivacyRequest.id)
        .limit(limit)
    ).all()


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
