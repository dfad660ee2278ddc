"""Who a person is at a provider of sign-ins, and the provider that a business runs for its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.people import Role, User


class Identity(Base):
    """A person's account at a provider: its issuer and its subject, never an e-mail address."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    email: Mapped[str | None] = mapped_column(String(320))
    """What the provider called it when it was linked: shown to its person, compared with nothing.
    """
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    user: Mapped[User] = relationship()


class IdentityProvider(OfBusiness, Base):
    """The OpenID provider of one business: Okta, or any other."""

    __tablename__ = "identity_provider"

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    """What its people call it: `Okta`."""
    issuer: Mapped[str]
    client_id: Mapped[str]
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    default_role: Mapped[Role] = mapped_column(default=Role.VIEWER)
    """What somebody who arrives with an address of a verified domain becomes."""
    tested_at: Mapped[datetime | None]
    """When an owner last came through it, as it is set now."""
    created_at: Mapped[datetime]
    business: Mapped[Business] = relationship()


class VerifiedDomain(OfBusiness, Base):
    """A domain that a business says is its own; it counts once its DNS says so, too."""

    __tablename__ = "verified_domain"
    __table_args__ = (
        UniqueConstraint("business_id", "domain"),
        Index(
            "ix_verified_domain_owner",
            "domain",
            unique=True,
            postgresql_where=text("verified_at is not null"),
            sqlite_where=text("verified_at is not null"),
        ),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    domain: Mapped[str] = mapped_column(String(253))
    token: Mapped[str] = mapped_column(String(64))
    verified_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    """Since when its DNS says nothing any more, where it did once."""
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    business: Mapped[Business] = relationship()
