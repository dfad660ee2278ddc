"""A sign-in that is under way: what a browser has proved so far, which opens nothing yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id
from voiceline.models.people import SignInWay, User


class PendingKind(StrEnum):
    """What the browser is expected to do next."""

    SECOND_STEP = "second_step"
    """Prove a second thing; `user_id` has proved the first."""
    PASSKEY = "passkey"
    """Sign a challenge."""
    PROVIDER = "provider"
    """Come back from a provider."""
    LINK = "link"
    """Prove that the identity of a provider and the user are one person."""


class PendingSignIn(Base):
    """One browser on its way in; its cookie holds a token of which only the hash is here."""

    __tablename__ = "pending_sign_in"

    id: Mapped[Id]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[PendingKind]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    way: Mapped[SignInWay | None]
    """What has been proved so far."""
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    """What the next step is compared with, and where it leads."""
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    user: Mapped[User | None] = relationship()
