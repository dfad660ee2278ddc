"""Who runs periodic work: of any number of schedulers, the one that moved the row first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from voiceline.database import insert_once
from voiceline.models import PeriodicRun

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def take_turn(session: Session, name: str, *, every: timedelta, at: datetime) -> bool:
    """Tell whether this scheduler is the one to start the work now; a compare-and-set decides."""
    session.execute(insert_once(session, PeriodicRun).values(name=name, last_run_at=LONG_AGO))
    taken = session.scalar(
        update(PeriodicRun)
        .where(PeriodicRun.name == name, PeriodicRun.last_run_at <= at - every)
        .values(last_run_at=at)
        .returning(PeriodicRun.name)
    )
    return taken is not None


def give_back_turn(session: Session, name: str, *, at: datetime) -> None:
    """Let somebody take the turn of that moment again: the work could not be offered."""
    session.execute(
        update(PeriodicRun)
        .where(PeriodicRun.name == name, PeriodicRun.last_run_at == at)
        .values(last_run_at=LONG_AGO)
    )
