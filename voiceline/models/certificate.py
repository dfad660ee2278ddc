"""What we sign of an erasure, and keep when what it speaks of is long gone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id


class ErasureCertificate(Base):
    """One signed certificate; it refers to nothing, so that it outlives the business."""

    __tablename__ = "erasure_certificate"

    id: Mapped[Id]
    issued_to: Mapped[UUID] = mapped_column(index=True)
    """The id of the business; no foreign key, for the business may be gone."""
    issued_at: Mapped[datetime]
    line: Mapped[str] = mapped_column(Text)
    """What was signed, as canonical JSON."""
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(128))
