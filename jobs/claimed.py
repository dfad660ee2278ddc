"""The frame of every job that works off a row: claim, act, and say how it ended.

An act ends in the same transaction as its effect and checks its claim there; whatever it raises
becomes a later attempt or a parked row here, so a job never fails in RQ's eyes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from voiceline import outbox
from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery, Transcript, Voicemail

log = structlog.get_logger()

MOST_ATTEMPTS = 50
"""With the growing waits between them about a day of a neighbour's failure."""


def now() -> datetime:
    """Answer this moment; jobs are where time enters."""
    return datetime.now(UTC)


def work_off(
    services: Services,
    table: type[outbox.Owing],
    row_id: str,
    act: Callable[[Services, outbox.Owing], None],
    *,
    lease: timedelta = outbox.LEASE,
) -> None:
    """Claim the row and act on it; nothing to claim is nothing to do."""
    with services.sessions.begin() as session:
        row = outbox.claim(session, table, UUID(row_id), at=now(), lease=lease)
    if row is None:
        return
    try:
        act(services, row)
    except PermanentFailure as failure:
        _park(services, row, str(failure))
    except TemporaryFailure as failure:
        _wait(services, row, str(failure))
    except Exception as error:  # noqa: BLE001 - an unknown fault of ours must not lose the row
        log.error("job.broken", kind=table.__tablename__, error=error, attempt=row.attempts)
        _wait(services, row, f"unexpected {type(error).__name__}")


def _wait(services: Services, row: Voicemail | Transcript | Delivery, reason: str) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        _park(services, row, reason)
        return
    with services.sessions.begin() as session:
        held = outbox.reclaim(session, type(row), row.id, row.claim)
        if held is not None:
            outbox.postpone(held, reason, until=now() + outbox.wait_after(held.attempts))
    log.warning("job.postponed", kind=row.__tablename__, attempt=row.attempts)


def _park(services: Services, row: Voicemail | Transcript | Delivery, reason: str) -> None:
    with services.sessions.begin() as session:
        held = outbox.reclaim(session, type(row), row.id, row.claim)
        if held is not None:
            held.fail(reason, now())
    log.error("job.parked", kind=row.__tablename__, attempt=row.attempts)
