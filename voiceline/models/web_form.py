"""What the public form keeps of its own: who may embed it, what was sent, which links were sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.request import PrivacyRequest


class Suspicion(StrEnum):
    """Why a request that came by the form may be a machine's; it is filed all the same."""

    HIDDEN_FIELD = "hidden_field"
    """A field was filled in that no person sees."""


class AllowedSite(OfBusiness, Base):
    """One web site on whose pages the business's form may be shown."""

    __tablename__ = "allowed_site"
    __table_args__ = (UniqueConstraint("business_id", "origin"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    origin: Mapped[str] = mapped_column(String(255))
    """`https://www.acme.example`, without a path."""
    created_at: Mapped[datetime]


class WebSubmission(OfBusiness, Base):
    """One form that was sent; sent twice, it is still one request."""

    __tablename__ = "web_submission"

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), unique=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the form's own number and of all that was filled in."""
    suspected_because: Mapped[Suspicion | None]
    sent_at: Mapped[datetime]
    request: Mapped[PrivacyRequest] = relationship()


class ConfirmationLink(OfBusiness, Base):
    """A link that was sent to an address, so that whoever reads mail there can say so.

    The link's token is nowhere but in the message; here is its SHA-256.
    """

    __tablename__ = "confirmation_link"

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    address: Mapped[str] = mapped_column(String(320))
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    followed_at: Mapped[datetime | None]
    request: Mapped[PrivacyRequest] = relationship()
