"""Rows to measure on, written in bulk: a business, its code, and calls that have begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select

from benchmarks.events import call_id
from voiceline import schema
from voiceline.audit import OPERATOR
from voiceline.businesses import assign_code, open_business, open_operator
from voiceline.database import make_sessions
from voiceline.models import Call, Channel, PrivacyRequest, Voicemail
from voiceline.rules.lifecycle import RequestStatus, VoicemailStatus
from voiceline.rules.retention import AccountTier
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from voiceline.models import ServiceCode

CODE = "4021"
BATCH = 5000


def open_accounts(engine: Engine) -> ServiceCode:
    """Make the schema, the operator and one business; answer the business's code."""
    schema.upgrade(engine)
    at = datetime.now(UTC)
    with make_sessions(engine).begin() as session:
        open_operator(session, name="Voiceline", at=at)
        acme = open_business(session, name="Acme Shoes", tier=AccountTier.SMALL_MEDIUM, at=at)
        return assign_code(session, acme, CODE, by=OPERATOR, at=at)


def begin_calls(engine: Engine, code: ServiceCode, count: int) -> None:
    """Write down calls 0 to `count` as the telephone would have by the time they are recorded."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    for start in range(0, count, BATCH):
        rows = [
            {
                "id": uuid4(),
                "carrier_id": call_id(number),
                "business_id": code.business_id,
                "service_code_id": code.id,
                "unassigned": False,
                "language": "en",
                "right": Right.DELETE,
                "started_at": at,
            }
            for number in range(start, min(start + BATCH, count))
        ]
        with engine.begin() as connection:
            connection.execute(insert(Call), rows)


def keep_voicemails(
    engine: Engine, code: ServiceCode, count: int, *, since: datetime, **facts: Any
) -> None:
    """Write down as many stored voicemails, a second after the other, each with its request."""
    for start in range(0, count, BATCH):
        calls, mails, requests = [], [], []
        for number in range(start, min(start + BATCH, count)):
            at, call = since + timedelta(seconds=number), uuid4()
            calls.append(_call(code, number, call, at))
            mails.append(_voicemail(code, call, at) | facts)
            requests.append(_request(code, number, call, at))
        with engine.begin() as connection:
            for table, rows in ((Call, calls), (PrivacyRequest, requests), (Voicemail, mails)):
                connection.execute(insert(table), rows)


def _call(code: ServiceCode, number: int, call: UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": call,
        "business_id": code.business_id,
        "carrier_id": f"CA{number}",
        "service_code_id": code.id,
        "unassigned": False,
        "language": "en",
        "started_at": at,
    }


def _voicemail(code: ServiceCode, call: UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "business_id": code.business_id,
        "call_id": call,
        "carrier_id": f"RE{call.hex}",
        "status": VoicemailStatus.STORED,
        "recorded_at": at,
        "received_at": at,
        "attempts": 1,
    }


def _request(code: ServiceCode, number: int, call: UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "business_id": code.business_id,
        "call_id": call,
        "service_code_id": code.id,
        "reference": f"{number:09d}",
        "channel": Channel.PHONE,
        "status": RequestStatus.RECEIVED,
        "language": "en",
        "jurisdiction": "US-CA",
        "received_at": at,
        "received_on": at.date(),
        "filed_at": at,
        "respond_by": at.date(),
        "version": 1,
    }


def owe_voicemails(engine: Engine, code: ServiceCode, count: int) -> None:
    """Write down as many calls, each with a voicemail that is to be collected."""
    begin_calls(engine, code, count)
    at = datetime.now(UTC)
    with engine.begin() as connection:
        calls = connection.execute(select(Call.id).order_by(Call.carrier_id)).scalars()
        rows = [
            {
                "id": voicemail_id,
                "business_id": code.business_id,
                "call_id": call,
                "carrier_id": f"RE{voicemail_id.int:032x}",
                "take": 1,
                "status": VoicemailStatus.PENDING,
                "claimed_seconds": 60,
                "recorded_at": at,
                "received_at": at,
                "due_at": at,
                "attempts": 0,
            }
            for voicemail_id, call in zip(voicemail_ids(0, count), calls, strict=True)
        ]
        connection.execute(insert(Voicemail), rows)


def voicemail_ids(first: int, count: int) -> list[UUID]:
    """Answer the ids that `owe_voicemails` gives."""
    return [UUID(int=number) for number in range(first + 1, first + 1 + count)]


def count_stored(engine: Engine, ids: list[UUID]) -> int:
    """Answer how many of these voicemails are stored."""
    stored = (Voicemail.status == VoicemailStatus.STORED, Voicemail.id.in_(ids))
    with engine.begin() as connection:
        query = select(func.count()).select_from(Voicemail).where(*stored)
        return connection.scalar(query) or 0


def count_voicemails(engine: Engine) -> int:
    """Answer how many voicemails are written down."""
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(Voicemail)) or 0
