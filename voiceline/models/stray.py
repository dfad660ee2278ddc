"""The nightly comparison of rows and objects: how far it is, and what it found without a row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base


class StoreWalk(Base):
    """How far the comparison has come; there is one row, and whoever is killed goes on from it."""

    __tablename__ = "store_walk"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime]
    part: Mapped[str] = mapped_column(String(16))
    """What is walked through; empty: all of it is done."""
    after: Mapped[str] = mapped_column(String(600))
    """The mark of the last one that was looked at."""
    ended_at: Mapped[datetime | None]
    """When it was through the last time."""


class Stray(Base):
    """An object, or its data key, that no row wants."""

    __tablename__ = "stray"

    key: Mapped[str] = mapped_column(String(512), primary_key=True)
    seen_at: Mapped[datetime]
    """When it was found first: its time to be claimed runs from here, however old it is."""
