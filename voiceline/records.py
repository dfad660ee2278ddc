"""The log of what was asked and answered (11 CCR 7101), and the counts its figures are read from.

A record says how one right of a request is now: whatever changes a request lets its records follow
in the same transaction, and doing so again changes nothing. The counts are those of the records,
exactly: a record that changes, or is forgotten, moves its one in the rollup.

A record outlives its voicemail, its transcript, the requester and the account; it holds no words
of anybody's. It is used to show that requests were answered and for nothing else (7101(c), (d)).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from voiceline.models import RequestRecord, RequestTally
from voiceline.rules.denials import CountedAs
from voiceline.rules.due_dates import add_months
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.metrics import OUTCOMES, Bucket, Outcome, bucket_of
from voiceline.rules.retention import REQUEST_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, RequestedRight

MOST_ROWS = 1000

Place = tuple["date", "UUID"]
"""Where a page ended: day of receipt and id of its last record."""


def begin_record(session: Session, request: PrivacyRequest, *, at: datetime) -> None:
    """Write a request that was just filed into the log."""
    _write(session, request, {}, at)


def follow(session: Session, request: PrivacyRequest, *, at: datetime) -> None:
    """Let the log say what the request is now, after a change at that moment."""
    found = session.scalars(
        select(RequestRecord)
        .where(RequestRecord.request_id == request.id)
        .execution_options(populate_existing=True)
    )
    _write(session, request, {record.right_id: record for record in found}, at)


def give_record(session: Session, request: PrivacyRequest, *, at: datetime) -> None:
    """Let the log of the business that has the request now have what another's had of it.

    The counts of both move. Who gives takes turns (handing_over), so that two never wait in a
    circle.
    """
    found = session.scalars(
        select(RequestRecord)
        .where(RequestRecord.request_id == request.id)
        .execution_options(populate_existing=True)
    ).all()
    former: dict[UUID, Counter[Bucket]] = {}
    for record in found:
        _count_one(former.setdefault(record.business_id, Counter()), record, -1)
        session.delete(record)
    session.flush()
    for business_id in sorted(former):
        _count(session, business_id, former[business_id])
    begin_record(session, request, at=at)


def newest_records(
    session: Session, business_id: UUID, *, after: Place | None, limit: int
) -> list[RequestRecord]:
    """Answer a page of the log, what came last first."""
    key = tuple_(RequestRecord.received_on, RequestRecord.right_id)
    query = _of(business_id).order_by(
        RequestRecord.received_on.desc(), RequestRecord.right_id.desc()
    )
    if after is not None:
        query = query.where(key < after)
    return list(session.scalars(query.limit(min(limit, MOST_ROWS))))


def oldest_records(
    session: Session, business_id: UUID, *, after: Place | None, limit: int = MOST_ROWS
) -> list[RequestRecord]:
    """Answer a piece of the log for an export, what came first first."""
    key = tuple_(RequestRecord.received_on, RequestRecord.right_id)
    query = _of(business_id).order_by(RequestRecord.received_on, RequestRecord.right_id)
    if after is not None:
        query = query.where(key > after)
    return list(session.scalars(query.limit(min(limit, MOST_ROWS))))


def place_of(record: RequestRecord) -> Place:
    """Answer where a page that ends with the record ends."""
    return record.received_on, record.right_id


def forget_records(session: Session, *, today: date, limit: int = MOST_ROWS) -> int:
    """Delete records whose time is over, and their counts; answer how many they were.

    One that somebody works on at this moment is left for the next time.
    """
    over = session.scalars(
        select(RequestRecord)
        .where(RequestRecord.keep_until < today)
        .order_by(RequestRecord.keep_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    changes: dict[UUID, Counter[Bucket]] = {}
    for record in over:
        _count_one(changes.setdefault(record.business_id, Counter()), record, -1)
        session.delete(record)
    session.flush()
    for business_id in sorted(changes):
        _count(session, business_id, changes[business_id])
    return len(over)


def _of(business_id: UUID) -> Select[RequestRecord]:
    return select(RequestRecord).where(RequestRecord.business_id == business_id)


def _write(
    session: Session,
    request: PrivacyRequest,
    known: Mapping[UUID, RequestRecord],
    at: datetime,
) -> None:
    changes: Counter[Bucket] = Counter()
    for right in request.rights:
        facts = _facts(request, right, at)
        record = known.get(right.id)
        if record is None:
            record = RequestRecord(right_id=right.id, **facts)
            session.add(record)
        else:
            _count_one(changes, record, -1)
            for name, value in facts.items():
                setattr(record, name, value)
        _count_one(changes, record, +1)
    session.flush()
    _count(session, request.business_id, changes)


def _facts(request: PrivacyRequest, right: RequestedRight, at: datetime) -> dict[str, Any]:
    code, zone = request.service_code, request.business.time_zone
    outcome = _outcome(right)
    ended = _day(at, zone) if request.finished_at else None
    return {
        "request_id": request.id,
        "business_id": request.business_id,
        "asked_of": code.brand or request.business.name,
        "service_code": code.code,
        "reference": request.reference,
        "received_at": request.received_at,
        "received_on": request.received_on,
        "time_zone": zone,
        "channel": request.channel,
        "language": request.language,
        "right": right.right,
        "source": right.source,
        "jurisdiction": request.jurisdiction,
        "residence_source": request.residence_source,
        "standing": request.standing,
        "acknowledged_on": _day(request.acknowledged_at, zone),
        "acknowledged_how": request.acknowledged_how,
        "due_by": right.due_by,
        "rule": right.rule,
        "extended_told_on": right.extended_told_on,
        "status": right.status,
        "outcome": outcome,
        "answered_on": None if outcome is Outcome.OPEN else _answered_on(right, zone),
        "basis": _basis(right) if outcome in {Outcome.DENIED, Outcome.PARTLY} else None,
        "keep_until": add_months(ended, REQUEST_MONTHS) if ended else None,
    }


def _answered_on(right: RequestedRight, zone: str) -> date | None:
    """Answer the day the consumer was told, or None until then; where no law wants it, the end."""
    if right.told_on or right.tell_by:
        return right.told_on
    return _day(right.finished_at, zone)


def _outcome(right: RequestedRight) -> Outcome:
    """Read off what was answered; under appeal, the answer that is appealed against."""
    if right.status != RightStatus.APPEALED:
        return OUTCOMES.get(right.status, Outcome.OPEN)
    if right.controller:
        return Outcome.REDIRECTED
    return Outcome.PARTLY if right.not_done else Outcome.DENIED


def _basis(right: RequestedRight) -> list[dict[str, str]] | None:
    """Answer the reasons without the explanations, which are somebody's words."""
    names = ("code", "citation", "counted_as")
    return [{name: reason[name] for name in names} for reason in right.reasons or ()] or None


def _day(at: datetime | None, zone: str) -> date | None:
    return at.astimezone(ZoneInfo(zone)).date() if at else None


def _count_one(changes: Counter[Bucket], record: RequestRecord, step: int) -> None:
    bucket = bucket_of(
        right=record.right,
        received_on=record.received_on,
        status=record.status,
        outcome=record.outcome,
        counted_as=CountedAs(record.basis[0]["counted_as"]) if record.basis else None,
        answered_on=record.answered_on,
    )
    if bucket is not None:
        changes[bucket] += step


def _count(session: Session, business_id: UUID, changes: Mapping[Bucket, int]) -> None:
    """Move the counts; in one order, so that two who move the same never wait in a circle."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for bucket in _moved(changes):
        statement = insert(RequestTally).values(
            business_id=business_id,
            year=bucket.year,
            right=bucket.right,
            outcome=bucket.outcome,
            counted_as=bucket.counted_as,
            days=bucket.days,
            count=changes[bucket],
        )
        session.execute(
            statement.on_conflict_do_update(
                index_elements=list(RequestTally.__table__.primary_key),
                set_={"count": RequestTally.count + statement.excluded.count},
            )
        )


def _moved(changes: Mapping[Bucket, int]) -> Sequence[Bucket]:
    moved: Iterable[Bucket] = (bucket for bucket, step in changes.items() if step)
    return sorted(moved)
