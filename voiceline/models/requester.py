"""Who asks, as far as they said: on the web form, in a letter, or to a colleague."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.request import PrivacyRequest


class Requester(OfBusiness, Base):
    """How the consumer of one request can be reached, and what they wrote; nothing is proven.

    A caller has none until a colleague notes one. What is here is used to answer this request and
    for nothing else (11 CCR 7101(c)).
    """

    __tablename__ = "requester"
    __table_args__ = (
        Index(None, "business_id", "email"),
        Index(None, "business_id", "phone"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(320))
    """In lower case, its domain in ASCII."""
    email_confirmed_at: Mapped[datetime | None]
    """When a link sent there was followed; not waited for where no proof may be asked."""
    phone: Mapped[str | None] = mapped_column(String(16))
    """E.164."""
    postal_address: Mapped[str | None] = mapped_column(Text)
    details: Mapped[str | None] = mapped_column(Text)
    """What they wrote, in their own words."""
    consumer_name: Mapped[str | None] = mapped_column(String(200))
    """For whom, where somebody asks for another: an agent, a parent."""
    request: Mapped[PrivacyRequest] = relationship(back_populates="requester")
