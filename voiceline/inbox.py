"""A business's requests a page at a time: page 200 costs what page 1 costs.

Pages follow a key, never an offset. An order is a series of runs; a run reads the next few rows of
one index. So no page reads more than the rows it shows, however many requests a business has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from voiceline.casework import HEARD
from voiceline.errors import UserError
from voiceline.models import PrivacyRequest, RequestEvent, Transcript, Voicemail
from voiceline.rules.lifecycle import RequestStatus, TranscriptStatus, VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

MOST_ROWS = 100
MOST_COUNTED = 1000
MOST_NEWS = 99
SNIPPET = 180
"""Characters of a draft shown in the list."""
LATE_FILING = timedelta(hours=1)
"""A request filed within this of its call counts as news; one adopted later is just there."""


class Order(StrEnum):
    """How a page is ordered."""

    DEADLINE = "deadline"
    NEWEST = "newest"


class Scope(StrEnum):
    """Which requests a page covers."""

    OPEN = "open"
    """Something is owed, be it only that the consumer is told."""
    APPEALED = "appealed"
    ANSWERED = "answered"
    """Nothing is owed any more."""
    ALL = "all"


@dataclass(frozen=True)
class Run:
    """One stretch of an order; each is read from one index, from where the page begins."""

    which: Scope
    by_deadline: bool


RUNS: dict[tuple[Order, Scope], tuple[Run, ...]] = {
    (Order.DEADLINE, Scope.OPEN): (Run(Scope.OPEN, by_deadline=True),),
    (Order.DEADLINE, Scope.ALL): (
        Run(Scope.OPEN, by_deadline=True),
        Run(Scope.ANSWERED, by_deadline=False),
    ),
    (Order.NEWEST, Scope.OPEN): (Run(Scope.OPEN, by_deadline=False),),
    (Order.NEWEST, Scope.ALL): (Run(Scope.ALL, by_deadline=False),),
    (Order.DEADLINE, Scope.APPEALED): (Run(Scope.APPEALED, by_deadline=True),),
    (Order.NEWEST, Scope.APPEALED): (Run(Scope.APPEALED, by_deadline=False),),
    (Order.DEADLINE, Scope.ANSWERED): (Run(Scope.ANSWERED, by_deadline=False),),
    (Order.NEWEST, Scope.ANSWERED): (Run(Scope.ANSWERED, by_deadline=False),),
}

_COVERS: dict[Scope, tuple[ColumnElement[bool], ...]] = {
    Scope.OPEN: (PrivacyRequest.watch_by.is_not(None),),
    Scope.APPEALED: (PrivacyRequest.status == RequestStatus.APPEALED,),
    Scope.ANSWERED: (PrivacyRequest.watch_by.is_(None),),
    Scope.ALL: (),
}


@dataclass(frozen=True)
class Place:
    """Where a page ended: the key of its last row, and the run it was in."""

    run: int
    watch_by: date | None
    """None in runs by the time of receipt."""
    received_at: datetime
    id: UUID


@dataclass(frozen=True)
class InboxRow:
    """What the list shows of one request."""

    request: PrivacyRequest
    voicemail: Voicemail | None
    """The latest take."""
    transcript_status: TranscriptStatus | None
    snippet: str | None
    """How the draft begins, or what the consumer wrote."""
    heard: bool
    """Whether anybody of the business has listened to it."""


@dataclass(frozen=True)
class InboxPage:
    """One page, and where the next one starts, if there is one."""

    rows: list[InboxRow]
    next: Place | None


@dataclass(frozen=True)
class Counts:
    """How much there is to do; each number stops at 1000, `any` at 1."""

    open: int
    overdue: int
    any: bool


def inbox_page(
    session: Session,
    business_id: UUID,
    *,
    order: Order,
    after: Place | None,
    limit: int,
    scope: Scope = Scope.ALL,
) -> InboxPage:
    """Answer the requests that follow `after`, 1 to 100 of them, with what the list shows."""
    limit = max(1, min(limit, MOST_ROWS))
    places: list[Place] = []
    runs = RUNS[order, scope]
    for number in range(after.run if after else 0, len(runs)):
        key = after if after and after.run == number else None
        keys = _keys(business_id, runs[number], key, limit + 1 - len(places))
        places += [
            Place(number, row.watch_by, row.received_at, row.id) for row in session.execute(keys)
        ]
        if len(places) > limit:
            break
    shown = places[:limit]
    rows = _load_rows(session, [place.id for place in shown])
    return InboxPage(rows, shown[-1] if len(places) > limit else None)


def count_requests(session: Session, business_id: UUID, today: date) -> Counts:
    """Count what is open and what is overdue on the business's date."""
    mine = PrivacyRequest.business_id == business_id
    watched, late = PrivacyRequest.watch_by.is_not(None), PrivacyRequest.watch_by < today
    opened, overdue = (
        select(func.count()).select_from(_capped([mine, which], MOST_COUNTED)).scalar_subquery()
        for which in (watched, late)
    )
    first = select(PrivacyRequest.id).where(mine).limit(1).scalar_subquery()
    row = session.execute(select(opened, overdue, first)).one()
    return Counts(open=row[0], overdue=row[1], any=row[2] is not None)


def count_news(session: Session, business_id: UUID, since: datetime) -> int:
    """Count, up to 99, the requests filed after a page was made."""
    news = [
        PrivacyRequest.business_id == business_id,
        PrivacyRequest.received_at > since - LATE_FILING,
        PrivacyRequest.filed_at > since,
    ]
    return session.scalar(select(func.count()).select_from(_capped(news, MOST_NEWS))) or 0


def seal_place(place: Place, *, about: str, secret: str) -> str:
    """Write a place as a word for an address; it opens only with the same `about` and secret."""
    day = place.watch_by.isoformat() if place.watch_by else None
    facts = [place.run, day, place.received_at.isoformat(), place.id.hex]
    body = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mark(body, about, secret) + body).decode().rstrip("=")


def open_place(text: str, *, about: str, secret: str) -> Place:
    """Read a place back, or raise UserError when anybody changed a character of it."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        sealed = b""
    mark, body = sealed[:16], sealed[16:]
    if not hmac.compare_digest(mark, _mark(body, about, secret)):
        raise UserError("This is not a page of this list: start again at its beginning.")
    run, day, received_at, id_ = json.loads(body)
    watch_by = date.fromisoformat(day) if day else None
    return Place(run, watch_by, datetime.fromisoformat(received_at), UUID(id_))


def _mark(body: bytes, about: str, secret: str) -> bytes:
    message = b"inbox\0" + about.encode() + b"\0" + body
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:16]


def _keys(business_id: UUID, run: Run, after: Place | None, limit: int) -> Select[Any, Any, Any]:
    """Answer the query for the run's next few keys, in the order of their index."""
    table = PrivacyRequest
    query = select(table.watch_by, table.received_at, table.id)
    query = query.where(table.business_id == business_id, *_COVERS[run.which]).limit(limit)
    if run.by_deadline:
        key = tuple_(table.watch_by, table.received_at, table.id)
        if after is not None:
            query = query.where(key > (after.watch_by, after.received_at, after.id))
        return query.order_by(table.watch_by, table.received_at, table.id)
    newest = tuple_(table.received_at, table.id)
    if after is not None:
        query = query.where(newest < (after.received_at, after.id))
    return query.order_by(table.received_at.desc(), table.id.desc())


def _capped(conditions: Sequence[Any], most: int) -> Any:
    return select(literal(1)).select_from(PrivacyRequest).where(*conditions).limit(most).subquery()


def _load_rows(session: Session, ids: Sequence[UUID]) -> list[InboxRow]:
    requests = {
        request.id: request
        for request in session.scalars(
            select(PrivacyRequest)
            .where(PrivacyRequest.id.in_(ids))
            .options(
                joinedload(PrivacyRequest.call),
                joinedload(PrivacyRequest.service_code),
                joinedload(PrivacyRequest.requester),
                selectinload(PrivacyRequest.rights),
            )
        )
    }
    calls = [request.call_id for request in requests.values() if request.call_id]
    messages = _load_messages(session, calls)
    heard = set(
        session.scalars(
            select(RequestEvent.request_id)
            .where(RequestEvent.request_id.in_(ids), RequestEvent.kind.in_(HEARD))
            .distinct()
        )
    )
    return [
        InboxRow(each, *messages.get(each.call_id, (None, None, _written(each))), each.id in heard)
        for each in (requests[id_] for id_ in ids if id_ in requests)
    ]


def _written(request: PrivacyRequest) -> str | None:
    """Answer how the words of a request begin that came in writing."""
    details = request.requester.details if request.requester else None
    return details[:SNIPPET] if details else None


def _load_messages(
    session: Session, calls: Sequence[UUID]
) -> dict[UUID | None, tuple[Voicemail | None, TranscriptStatus | None, str | None]]:
    """Answer each call's latest take with the beginning of its newest draft."""
    rows = session.execute(
        select(Voicemail, Transcript.status, func.substr(Transcript.text, 1, SNIPPET))
        .outerjoin(Transcript, Transcript.voicemail_id == Voicemail.id)
        .where(
            Voicemail.call_id.in_(calls),
            Voicemail.status.not_in((VoicemailStatus.REPLACED, VoicemailStatus.ERASED)),
        )
        .order_by(
            Voicemail.take.nulls_first(), Voicemail.recorded_at, Voicemail.id, Transcript.version
        )
    )
    return {voicemail.call_id: (voicemail, status, text) for voicemail, status, text in rows}
