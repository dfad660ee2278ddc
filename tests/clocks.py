"""Time travel for what deletes by age: both clocks are set, and the line ran all the while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from jobs import expire as expire_job
from voiceline import clock
from voiceline.models import ClockMark

if TYPE_CHECKING:
    from datetime import datetime

    import pytest
    from sqlalchemy.orm import Session, sessionmaker


def travel(monkeypatch: pytest.MonkeyPatch, sessions: sessionmaker[Session], at: datetime) -> None:
    """Let every clock show that moment, and nobody wonder how it came there."""
    show(monkeypatch, database=at, process=at)
    with sessions.begin() as session:
        session.execute(delete(ClockMark))


def show(monkeypatch: pytest.MonkeyPatch, *, database: datetime, process: datetime) -> None:
    """Let the two clocks show these moments."""
    monkeypatch.setattr(clock, "database_now", lambda _session: database)
    monkeypatch.setattr(expire_job, "now", lambda: process)
