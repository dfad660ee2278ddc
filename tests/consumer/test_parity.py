"""The same wish by telephone and by web: the same request, but for the door it came through."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from lines import open_line
from sqlalchemy import select
from staff import Clock
from visitors import Public, reference_in

from voiceline.consumer import create_app
from voiceline.inbox import Order, Scope, inbox_page
from voiceline.models import (
    Channel,
    Delivery,
    DeliveryKind,
    EventKind,
    PrivacyRequest,
    RequestedRight,
    RequestRecord,
)
from voiceline.progress import progress_of
from voiceline.rules.references import is_reference
from voiceline.rules.rights import KEYS, RightSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lines import TestLine

OF_A_REQUEST = (
    *("business_id", "service_code_id", "status", "language", "residence", "jurisdiction"),
    *("received_at", "received_on", "acknowledge_by", "respond_by", "finished_at"),
)
OF_A_RIGHT = (
    *("right", "status", "acknowledge_by", "respond_by", "due_by", "rule", "due_records"),
    *("extended_by", "finished_at", "appeal_by"),
)
OF_A_RECORD = (
    *("asked_of", "service_code", "received_at", "received_on", "time_zone", "language", "right"),
    *("jurisdiction", "acknowledged_on", "due_by", "rule", "status", "outcome"),
)


@pytest.mark.parametrize("key", KEYS)
def test_one_wish_through_two_doors_is_one_kind_of_request(line: TestLine, key: str):
    line.call("4021#", ",-", key, "1")
    line.work()
    phoned = line.request()

    sent = send(line, phoned, str(KEYS[key]))

    with line.services.sessions() as session:
        by_phone = facts_of(session, phoned.reference)
        by_web = facts_of(session, sent)
    assert by_web == by_phone
    assert by_phone["history"] == {EventKind.FILED, EventKind.ACKNOWLEDGED}


@pytest.mark.parametrize("key", ["1", "3"])
def test_doors_differ_in_what_they_are(line: TestLine, key: str):
    line.call("4021#", ",-", key, "1")
    line.work()
    phoned = line.request()

    sent = send(line, phoned, str(KEYS[key]))

    with line.services.sessions() as session:
        rows = session.execute(
            select(PrivacyRequest.reference, PrivacyRequest.channel, RequestedRight.source)
            .join(RequestedRight, RequestedRight.request_id == PrivacyRequest.id)
            .order_by(PrivacyRequest.channel)
        ).all()
    assert [tuple(row) for row in rows] == [
        (phoned.reference, Channel.PHONE, RightSource.KEYED),
        (sent, Channel.WEB, RightSource.CHOSEN),
    ]


def facts_of(session: Any, reference: str) -> dict[str, Any]:
    """Answer all of a request that must not depend on the door."""
    request = session.scalars(
        select(PrivacyRequest).where(PrivacyRequest.reference == reference)
    ).one()
    page = inbox_page(
        session,
        request.business_id,
        order=Order.DEADLINE,
        scope=Scope.OPEN,
        after=None,
        limit=10,
    )
    (row,) = [one for one in page.rows if one.request.id == request.id]
    owed = session.scalars(select(Delivery).where(Delivery.request_id == request.id))
    records = session.scalars(select(RequestRecord).where(RequestRecord.request_id == request.id))
    return {
        "request": {name: getattr(request, name) for name in OF_A_REQUEST},
        "rights": [{name: getattr(one, name) for name in OF_A_RIGHT} for one in request.rights],
        "reference": is_reference(request.reference),
        "history": {event.kind for event in request.events},
        "inbox": (row.heard, [one.right for one in row.request.asked_rights]),
        "notices": [one.kind for one in owed if one.kind == DeliveryKind.REQUEST_FILED],
        "records": [{name: getattr(one, name) for name in OF_A_RECORD} for one in records],
        "told": progress_of(session, reference),
    }


def send(line: TestLine, phoned: PrivacyRequest, right: str) -> str:
    """Send the form at the moment the caller spoke; answer its reference."""
    clock = Clock()
    clock.at = phoned.received_at - timedelta(seconds=30)
    app = create_app(line.services, clock=clock)
    public = Public(app.test_client(use_cookies=False), clock)
    return reference_in(public.receipt(rights=[right], residence="").text)


@pytest.fixture
def line(environment: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestLine]:
    with open_line(environment, tmp_path) as opened:
        yield opened
