"""What a person can prove with who they are, besides a password: an app's codes, and passkeys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id
from voiceline.models.people import User


class CodeApp(Base):
    """The secret that a person's app makes its codes from (RFC 6238)."""

    __tablename__ = "code_app"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), unique=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The key, sealed under the installation's secret: a copy of the table makes no codes."""
    confirmed_at: Mapped[datetime | None]
    """When a first code proved that the app has the key; before, it asks nobody for anything."""
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The 30 seconds of the last code that was taken: neither it nor an older one counts again."""
    created_at: Mapped[datetime]


class RecoveryCode(Base):
    """One way in for somebody whose telephone is lost; used once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "place"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    place: Mapped[str] = mapped_column(String(4))
    """The code's first letters, in the clear: one try is checked against one hash."""
    code_hash: Mapped[str]
    """argon2id."""
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Passkey(Base):
    """A key in a person's telephone, computer or security key, of which we know the public half."""

    __tablename__ = "passkey"

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    """Base64url."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often it signed, where it counts; one that goes back was copied."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()
