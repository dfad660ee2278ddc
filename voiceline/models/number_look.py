"""What the carrier said, the last time it was asked, of where a number's calls go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base


class NumberLook(Base):
    """The last look at one number; pages show it, for none of them waits for the carrier."""

    __tablename__ = "number_look"

    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    looked_at: Mapped[datetime | None]
    """None while nobody has looked yet."""
    asked_at: Mapped[datetime | None]
    """When somebody asked for a new look, which is owed until it is there."""
    differing: Mapped[list[str] | None] = mapped_column(JSON)
    """Which of the carrier's fields are not as we want them; empty: its calls come to us."""
    problem: Mapped[str | None] = mapped_column(String(200))
    """Why the carrier did not say."""
