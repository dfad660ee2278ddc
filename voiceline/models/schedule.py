"""What must outlive any process: when periodic work last ran, and how often somebody tried."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base


class PeriodicRun(Base):
    """The last run of one kind of periodic work; two schedulers agree by this row."""

    __tablename__ = "periodic_run"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    last_run_at: Mapped[datetime]


class ClockMark(Base):
    """The latest moment at which the database's clock was believed; there is one row."""

    __tablename__ = "clock_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime]


class Allowance(Base):
    """How often something was tried in the current window; a dead cache must not lift a limit."""

    __tablename__ = "allowance"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    """What is limited and, as a keyed hash, for whom."""
    window_starts_at: Mapped[datetime]
    used: Mapped[int]
