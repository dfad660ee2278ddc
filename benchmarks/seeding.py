"""Rows to measure on, written in bulk: a business, its code, and calls that have begun."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import func, insert, select

from benchmarks.events import call_id
from voiceline import schema
from voiceline.businesses import assign_code, open_business, open_operator
from voiceline.database import make_sessions
from voiceline.models import Call, Voicemail
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
        return assign_code(session, acme, CODE)


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


def count_voicemails(engine: Engine) -> int:
    """Answer how many voicemails are written down."""
    with engine.begin() as connection:
        return connection.scalar(select(func.count()).select_from(Voicemail)) or 0
