"""Requests as CSV, for a colleague's spreadsheet: written while it is sent, and run by none.

Unlike the log of 11 CCR 7101 it names who asks, as far as they said; it is a list to work with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from voiceline.inbox_rows import assignees_of
from voiceline.models import PrivacyRequest, RequestEvent
from voiceline.reach import bind
from voiceline.record_files import csv_line
from voiceline.rules.metrics import NOT_NAMED
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.downloads import Conditions

BATCH = 500

HEAD = (
    *("reference", "asked_of", "service_code", "channel", "language", "rights", "status"),
    *("received_at", "acknowledged_at", "acknowledge_by", "respond_by", "completed_at"),
    *("updated_at", "time_zone", "law", "assigned_to", "name", "email", "phone"),
)


def requests_csv(
    sessions: Callable[[], Session], business_id: UUID, conditions: Conditions, zone: str
) -> Iterator[str]:
    """Write a line for each request, oldest first, with a byte order mark for spreadsheets.

    No transaction is open while a slow reader takes it.
    """
    yield "\ufeff" + csv_line(HEAD)
    after: tuple[datetime, UUID] | None = None
    while True:
        with bind(sessions(), business_id) as session:
            piece, updated = _piece(session, business_id, conditions, after)
            names = assignees_of(session, piece)
        for request in piece:
            assignee = names.get(request.id, "")
            yield csv_line(_row(request, updated.get(request.id), assignee, zone))
        if len(piece) < BATCH:
            return
        after = piece[-1].received_at, piece[-1].id


def own_ids(session: Session, business_id: UUID, ids: Sequence[UUID]) -> list[UUID]:
    """Answer those of the ids that are requests of the business, in their order."""
    mine: set[UUID] = set()
    for start in range(0, len(ids), BATCH):
        piece = ids[start : start + BATCH]
        query = select(PrivacyRequest.id).where(
            PrivacyRequest.business_id == business_id, PrivacyRequest.id.in_(piece)
        )
        mine |= set(session.scalars(query))
    return [each for each in dict.fromkeys(ids) if each in mine]


def _piece(
    session: Session,
    business_id: UUID,
    conditions: Conditions,
    after: tuple[datetime, UUID] | None,
) -> tuple[list[PrivacyRequest], dict[UUID, datetime]]:
    table = PrivacyRequest
    query = select(table).where(table.business_id == business_id, *conditions)
    if after is not None:
        query = query.where(tuple_(table.received_at, table.id) > after)
    query = query.order_by(table.received_at, table.id).limit(BATCH)
    loaded = query.options(
        joinedload(table.service_code), joinedload(table.requester), selectinload(table.rights)
    )
    piece = list(session.scalars(loaded))
    changes = session.execute(
        select(RequestEvent.request_id, func.max(RequestEvent.at))
        .where(RequestEvent.request_id.in_([request.id for request in piece]))
        .group_by(RequestEvent.request_id)
    )
    return piece, {request_id: at for request_id, at in changes}  # noqa: C416 - a Row is no tuple


def _row(
    request: PrivacyRequest, updated_at: datetime | None, assignee: str, zone: str
) -> list[str]:
    code, who = request.service_code, request.requester
    rights = sorted(each.right.value if each.right else NOT_NAMED for each in request.asked_rights)
    return [
        *(grouped(request.reference), code.brand or "", code.code, request.channel.value),
        *(request.language, " ".join(rights), request.status.value),
        *(_at(request.received_at, zone), _at(request.acknowledged_at, zone)),
        *(_on(request.acknowledge_by), _on(request.respond_by)),
        *(
            _at(request.finished_at, zone),
            _at(updated_at, zone),
            zone,
            request.jurisdiction,
            assignee,
        ),
        *((who.name or "", who.email or "", who.phone or "") if who else ("", "", "")),
    ]


def _at(moment: datetime | None, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") if moment else ""


def _on(day: date | None) -> str:
    return day.isoformat() if day else ""
