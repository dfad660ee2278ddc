"""Where an enterprise wants its own copies of voicemails, what was proven of it, and each copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, Id, OfBusiness

TRY_AGAIN = timedelta(minutes=15)
"""How long a destination rests that was given up for now, or that a job died over."""


class ArchiveState(StrEnum):
    """Whether copies may go there."""

    DRAFT = "draft"
    """Typed, and not proven yet, or not as it is typed now."""
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


class ArchiveDestination(OfBusiness, Base):
    """The one bucket of a business; its row stays, and with it the ExternalId, for ever.

    It is what a job claims, and not each copy: a bucket that refuses keeps no other one waiting.
    """

    __tablename__ = "archive_destination"
    __table_args__ = (
        Index(
            "ix_archive_destination_due_at", "due_at", postgresql_where=text("due_at is not null")
        ),
    )

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
    wanted_since: Mapped[datetime | None]
    """Since when copies are wanted: from the first connection until an owner ends it."""
    holds_back: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether what has no copy yet outlives its last day for a while."""
    failing_since: Mapped[datetime | None]
    """Since when nothing can be put there, for the reason in `last_error`."""
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    """When it is looked at again; None: nothing goes there."""
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Rounds since the last one that ended well."""
    last_error: Mapped[str | None] = mapped_column(String(500))

    def rest(self, until: datetime | None = None) -> None:
        """Let go of it after a round that ended well; None: for good."""
        self.claim, self.due_at, self.attempts = None, until, 0
        self.failing_since = self.last_error = None

    def fail(self, reason: str, at: datetime) -> None:
        """Give up for now: it is looked at again, whatever the reason was."""
        self.claim, self.due_at, self.last_error = None, at + TRY_AGAIN, reason[:500]


class ArchiveCopy(OfBusiness, Base):
    """One voicemail's copy: what is owed of it, and what was proven of it."""

    __tablename__ = "archive_copy"
    __table_args__ = (
        Index(
            "ix_archive_copy_business_id_due_at",
            *("business_id", "due_at"),
            postgresql_where=text("due_at is not null"),
        ),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    voicemail_id: Mapped[UUID] = mapped_column(ForeignKey("voicemail.id"), unique=True)
    due_at: Mapped[datetime | None]
    """When it may be put (again); None: nothing is owed."""
    place: Mapped[str | None] = mapped_column(String(300))
    """Bucket and prefix of what is there."""
    archived_at: Mapped[datetime | None]
    """When sound and record both were there; None: not yet, in the place of now."""
    sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the sound: S3 compared it with what it received."""
    version_id: Mapped[str | None] = mapped_column(String(1024))
    """Of the sound, where the bucket keeps versions."""
    record_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the record beside it, as it was put last."""
    last_error: Mapped[str | None] = mapped_column(String(500))
    """Why it was put off, where that lies with the voicemail and not with the bucket."""
