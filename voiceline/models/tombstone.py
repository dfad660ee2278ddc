"""What was erased for good, by its id alone: a dump from before must forget it again."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base


class Grave(StrEnum):
    """Which kind of row the id is of."""

    VOICEMAIL = "voicemail"


class Tombstone(Base):
    """One row that was erased; of no business, so that it stays when the business goes."""

    __tablename__ = "tombstone"

    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    """A random id: it tells nothing to whoever lacks the row."""
    kind: Mapped[Grave]
    erased_at: Mapped[datetime]
    """When erasing it began: from then on no copy may bring it back."""
