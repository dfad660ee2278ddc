"""One thing that a colleague does with many requests, and what became of each of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.people import User


class BulkKind(StrEnum):
    """What can be done with many requests at once."""

    ASSIGN = "assign"
    READ = "read"
    UNREAD = "unread"
    ACKNOWLEDGE = "acknowledge"


class BulkOutcome(StrEnum):
    """What became of one of them."""

    DONE = "done"
    SKIPPED = "skipped"
    UNDONE = "undone"


class BulkAction(OfBusiness, Base):
    """One act; `due_at` says that some of it is still owed."""

    __tablename__ = "bulk_action"
    __table_args__ = (
        Index("ix_bulk_action_due_at", "due_at", postgresql_where=text("due_at is not null")),
        Index(None, "business_id", "created_at"),
    )

    id: Mapped[Id]
    """The form's own number: what is sent twice is done once."""
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[BulkKind]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """To whom it assigns, or how receipt was confirmed."""
    count: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    user: Mapped[User] = relationship()

    def finish(self, at: datetime) -> None:
        """Note that nothing of it is owed any more."""
        self.finished_at, self.due_at, self.claim = at, None, None

    def fail(self, reason: str, at: datetime) -> None:
        """Give up on what is left of it."""
        self.finish(at)
        self.last_error = reason[:500]


class BulkItem(OfBusiness, Base):
    """One request of an act; its id may be nobody's, or another business's."""

    __tablename__ = "bulk_item"

    bulk_id: Mapped[UUID] = mapped_column(ForeignKey("bulk_action.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    request_id: Mapped[UUID]
    seen: Mapped[int | None]
    """The request's `version` in the list it was ticked in; None where whatever it is was meant."""
    outcome: Mapped[BulkOutcome | None]
    """None while it is owed."""
    why: Mapped[str | None] = mapped_column(String(200))
    """Why it was skipped, or could not be undone: a sentence of ours."""
    entry_id: Mapped[UUID | None]
    """The entry of the history it made, for whoever undoes it."""
