"""The people who sign in, the businesses they work for, and their sessions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business


class Role(StrEnum):
    """What a member may do, least first."""

    VIEWER = "viewer"
    AGENT = "agent"
    ADMIN = "admin"
    OWNER = "owner"

    def covers(self, needed: Role) -> bool:
        """Tell whether who has this role may do what needs the other."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class SignInWay(StrEnum):
    """What somebody proved who they are with when a session was opened."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105
    PASSKEY = "passkey"
    GOOGLE = "google"
    BUSINESS_PROVIDER = "business_provider"
    """The sign-in that a business runs for its own people."""


class User(Base):
    """A person who signs in."""

    __tablename__ = "user"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(320), unique=True)
    """Lower case; a way to reach the person, unique as a name to sign in with."""
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None]
    """argon2id; None for who may not sign in with a password."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    """The last time; colleagues are told the day."""
    memberships: Mapped[list[Membership]] = relationship(back_populates="user")


class Membership(OfBusiness, Base):
    """A person's place in one business; read anew at each request."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("business_id", "user_id"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    role: Mapped[Role]
    created_at: Mapped[datetime]
    first_steps_hidden_at: Mapped[datetime | None]
    """When the member had seen enough of the list of first steps."""
    is_operators: Mapped[bool | None] = query_expression()
    """Whether the business is the operator's own; known where somebody is recognised."""
    user: Mapped[User] = relationship(back_populates="memberships")
    business: Mapped[Business] = relationship()


class LoginSession(Base):
    """One signed-in browser; the cookie holds a token of which only the hash is here."""

    __tablename__ = "login_session"

    id: Mapped[Id]
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """However busy it is, a session ends here."""
    way: Mapped[SignInWay] = mapped_column(default=SignInWay.PASSWORD)
    confirmed_at: Mapped[datetime | None]
    """When its person last proved to be there; None: not since the session was opened long ago."""
    identity_provider_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("identity_provider.id", ondelete="CASCADE")
    )
    """The business's provider it came through; such a session opens that business alone."""
    browser: Mapped[str | None] = mapped_column(String(80))
    """`Firefox on Windows`: told to its person alone, who knows their own."""
    address: Mapped[str | None] = mapped_column(String(45))
    """The network address it was opened from; gone with the session."""
    user: Mapped[User] = relationship()
