"""Where an enterprise wants its own copies of voicemails, and what was proven of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness


class ArchiveState(StrEnum):
    """Whether copies may go there."""

    DRAFT = "draft"
    """Typed, and not proven yet, or not as it is typed now."""
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


class ArchiveDestination(OfBusiness, Base):
    """The one bucket of a business; its row stays, and with it the ExternalId, for ever."""

    __tablename__ = "archive_destination"

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), unique=True)
    external_id: Mapped[str] = mapped_column(String(64), unique=True)
    """Made by us, and never changed: the role at AWS trusts it."""
    role_arn: Mapped[str] = mapped_column(String(600))
    bucket: Mapped[str] = mapped_column(String(63))
    region: Mapped[str] = mapped_column(String(32))
    prefix: Mapped[str] = mapped_column(String(201))
    """Empty, or ends with a slash."""
    kms_key: Mapped[str] = mapped_column(String(255))
    """The ARN of their key; empty: S3's own encryption."""
    state: Mapped[ArchiveState] = mapped_column(default=ArchiveState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    """Counts what was typed and disconnected: a proof of before proves nothing of now."""
    proofs: Mapped[list[dict[str, str | bool | None]]] = mapped_column(JSON, default=list)
    """What the last test showed, in its order; of what is typed now."""
    proven_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    disconnected_at: Mapped[datetime | None]
