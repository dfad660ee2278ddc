"""What callers of a service code hear before anything is asked of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.people import User


class GreetingForm(StrEnum):
    """How a greeting came to be, and so what it is: sound, text, or the line's own words."""

    RECORDED = "recorded"
    UPLOADED = "uploaded"
    TYPED = "typed"
    STANDARD = "standard"


class Greeting(OfBusiness, Base):
    """One version of what a code's callers hear in one language; none is ever changed."""

    __tablename__ = "greeting"
    __table_args__ = (
        UniqueConstraint("service_code_id", "language", "version"),
        CheckConstraint(
            "case form when 'standard' then text is null and audio_sha256 is null "
            "when 'typed' then text is not null and audio_sha256 is null "
            "else text is null and audio_sha256 is not null end",
            name="says_something",
        ),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    service_code_id: Mapped[UUID] = mapped_column(ForeignKey("service_code.id"))
    language: Mapped[str] = mapped_column(String(2))
    version: Mapped[int]
    """Counts up; the highest is the one played."""
    form: Mapped[GreetingForm]
    text: Mapped[str | None] = mapped_column(Text)
    audio_sha256: Mapped[str | None] = mapped_column(ForeignKey("greeting_audio.sha256"))
    duration_ms: Mapped[int | None]
    """Of sound; how long the line's voice takes for a text, nobody knows before."""
    restored_from: Mapped[int | None]
    """The version whose content this one has again."""
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    """The colleague who made it; None is the operator."""
    created_at: Mapped[datetime]
    created_by: Mapped[User | None] = relationship()

    def says_same(self, other: Greeting) -> bool:
        """Tell whether callers hear the same of both."""
        return (self.text, self.audio_sha256) == (other.text, other.audio_sha256)


class GreetingAudio(Base):
    """The WAV of a greeting, found by its own hash, so that a carrier may keep it for ever.

    In the database, because the carrier fetches it while a caller waits and no such view may
    depend on the object store.
    """

    __tablename__ = "greeting_audio"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
