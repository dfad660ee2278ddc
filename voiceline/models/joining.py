"""How people come in: an account somebody asked for, a place somebody was offered, mailed links.

A link's token is nowhere but in the message that tells it; here is its SHA-256.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.people import Role, User

_PENDING = text("accepted_at is null and revoked_at is null")


class SignUp(Base):
    """An account that somebody asked for; nobody is a user until they follow its link."""

    __tablename__ = "sign_up"

    id: Mapped[Id]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(320), index=True)
    name: Mapped[str] = mapped_column(String(200))
    business_name: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str | None]
    """argon2id; None once it is the user's own."""
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    followed_at: Mapped[datetime | None]


class Invitation(OfBusiness, Base):
    """A place in a business, offered to whoever reads mail at an address."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index(
            "uq_invitation_pending",
            "business_id",
            "email",
            unique=True,
            postgresql_where=_PENDING,
            sqlite_where=_PENDING,
        ),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[Role]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    invited_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    """When it was mailed, the last time."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None]
    business: Mapped[Business] = relationship()
    inviter: Mapped[User] = relationship(foreign_keys=[invited_by])

    def is_open(self, at: datetime) -> bool:
        """Tell whether it can still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at


class LinkPurpose(StrEnum):
    """What a mailed link is for."""

    PASSWORD = "password"  # noqa: S105 - the name of a purpose
    """To choose a new password."""
    NEW_ADDRESS = "new_address"
    """To prove that a person reads mail at the address they want to sign in with."""
    KEEP_ADDRESS = "keep_address"
    """To stop such a change, or take it back; goes to the address of before."""
    NOTIFY_ADDRESS = "notify_address"
    """To prove that somebody wants to be told of a business's requests there."""


class AccountLink(OfBusiness, Base):
    """A link that was mailed to a person about their account, or about their business's."""

    __tablename__ = "account_link"

    id: Mapped[Id]
    purpose: Mapped[LinkPurpose]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    business_id: Mapped[UUID | None] = mapped_column(  # type: ignore[assignment]
        ForeignKey("business.id"), index=True
    )
    """Of a business's address alone."""
    address: Mapped[str] = mapped_column(String(320))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    """When it was followed, or another one made it void."""
    user: Mapped[User] = relationship()
    business: Mapped[Business | None] = relationship()
