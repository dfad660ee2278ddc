"""One archive of voicemails that somebody of a business takes away, and how far it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness

_RUNS = text("ended_at is null")


class Download(OfBusiness, Base):
    """One download; a person has one of a business at a time, which the database holds."""

    __tablename__ = "download"
    __table_args__ = (
        Index(
            "ix_download_running",
            "business_id",
            "user_id",
            unique=True,
            postgresql_where=_RUNS,
            sqlite_where=_RUNS,
        ),
        Index(None, "business_id", "user_id", "started_at"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    voicemails: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of their audio."""
    done: Mapped[int] = mapped_column(default=0)
    done_size: Mapped[int] = mapped_column(BigInteger, default=0)
    problems: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When it last gave a sign of life."""
    ended_at: Mapped[datetime | None]
    """When nothing more was sent, whyever."""
    whole_at: Mapped[datetime | None]
    """When its last byte was sent; None for what stopped before."""
