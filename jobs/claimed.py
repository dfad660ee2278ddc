"""The frame of every job that works off a row: claim, act, and say how it ended.

An act ends in the same transaction as its effect and checks its claim there; whatever it raises
becomes a later attempt or a parked row here, so a job never fails in RQ's eyes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from voiceline import filing, outbox
from voiceline.desk import take_back
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Delivery, Voicemail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services

log = structlog.get_logger()

MOST_ATTEMPTS = 1500
"""With the waits between them about a day of a neighbour's failure."""

MOST_CRASHES = 5
"""A row that cost so many work-horses their life is parked: the queue goes on without it."""

FILED_WITHIN = timedelta(minutes=10)
"""The audio may take longer; the request must not, for its clock has run since the call."""

CRASHED = "the process that worked on it was killed"

_chance = SystemRandom()


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
    """Claim the row and act on it; nothing to claim is nothing to do.

    A database that goes away leaves the row as it is: it still owes the work, and is offered again
    when its lease has run out.
    """
    try:
        with services.sessions.begin() as session:
            row = outbox.claim(session, table, UUID(row_id), at=now(), lease=lease)
        if row is not None:
            _attempt(services, row, act)
    except SQLAlchemyError as error:
        log.error("job.interrupted", kind=table.__tablename__, error=error)


def note_crash(services: Services, table: type[outbox.Owing], row_id: str) -> None:
    """Let go of a row whose work-horse was killed over it; too often, and the row is the reason."""
    try:
        with services.sessions.begin() as session:
            row = outbox.hold(session, table, UUID(row_id))
            if row is None:
                return
            if row.attempts < MOST_CRASHES:
                _postpone(row, CRASHED)
            else:
                _give_up(session, row, CRASHED)
    except SQLAlchemyError as error:
        log.error("job.interrupted", kind=table.__tablename__, error=error)
    log.error("job.crashed", kind=table.__tablename__)


def _attempt(
    services: Services, row: outbox.Owing, act: Callable[[Services, outbox.Owing], None]
) -> None:
    try:
        act(services, row)
    except PermanentFailure as failure:
        _park(services, row, str(failure))
    except TemporaryFailure as failure:
        _wait(services, row, str(failure), failure.retry_after)
    except Exception as error:  # noqa: BLE001 - an unknown fault of ours must not lose the row
        log.error("job.broken", kind=row.__tablename__, error=error, attempt=row.attempts)
        _wait(services, row, f"unexpected {type(error).__name__}")


def _wait(
    services: Services,
    row: outbox.AnyOwing,
    reason: str,
    asked_for: float | None = None,
) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        _park(services, row, reason)
        return
    with services.sessions.begin() as session:
        held = outbox.reclaim(session, type(row), row.id, row.claim)
        if held is not None:
            _postpone(held, reason, asked_for)
            if isinstance(held, Voicemail) and now() > held.received_at + FILED_WITHIN:
                _file_without_audio(session, held)
    log.warning("job.postponed", kind=row.__tablename__, attempt=row.attempts)


def _postpone(
    row: outbox.AnyOwing,
    reason: str,
    asked_for: float | None = None,
) -> None:
    """Wait as long as the neighbour asked for, or about the usual time: never all at once."""
    usual = outbox.wait_after(row.attempts) * _chance.uniform(0.5, 1)
    asked = timedelta(seconds=asked_for or 0)
    outbox.postpone(row, reason, until=now() + max(usual, asked))


def _park(services: Services, row: outbox.AnyOwing, reason: str) -> None:
    with services.sessions.begin() as session:
        held = outbox.reclaim(session, type(row), row.id, row.claim)
        if held is not None:
            _give_up(session, held, reason)
    log.error("job.parked", kind=row.__tablename__, attempt=row.attempts)


def _give_up(session: Session, row: outbox.AnyOwing, reason: str) -> None:
    outbox.park(row, reason, at=now())
    if isinstance(row, Voicemail):
        _file_without_audio(session, row)
    elif isinstance(row, Delivery) and row.letter is not None:
        take_back(session, row.letter, now())


def _file_without_audio(session: Session, voicemail: Voicemail) -> None:
    """File what a consumer asked for though we cannot hear it yet: perhaps they were told so."""
    filing.file_request(session, voicemail.call, received_at=voicemail.recorded_at, at=now())
