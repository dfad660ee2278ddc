"""What colleagues write about a request among themselves: notes, their versions, attachments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness


class ComplianceNote(OfBusiness, Base):
    """One note of a colleague; internal, never part of what a consumer is told."""

    __tablename__ = "compliance_note"
    __table_args__ = (Index(None, "request_id", "created_at"),)

    id: Mapped[Id]
    """Comes from the form, so that a form sent twice is one note."""
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int]
    """The number of the text that counts; every earlier one is kept."""
    removed_at: Mapped[datetime | None]
    """When it was hidden; its texts and attachments stay."""
    removed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    versions: Mapped[list[NoteVersion]] = relationship(
        back_populates="note", order_by="NoteVersion.number"
    )
    attachments: Mapped[list[NoteAttachment]] = relationship(order_by="NoteAttachment.number")

    @property
    def text(self) -> str:
        """The text that counts."""
        return self.versions[-1].text


class NoteVersion(OfBusiness, Base):
    """One text a note had; appended only."""

    __tablename__ = "note_version"
    __table_args__ = (UniqueConstraint("note_id", "number"),)

    id: Mapped[Id]
    """Goes into the digest that the audit trail keeps of the text: without it nobody can try
    texts against the digest."""
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    note_id: Mapped[UUID] = mapped_column(ForeignKey("compliance_note.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    note: Mapped[ComplianceNote] = relationship(back_populates="versions")


class NoteAttachment(OfBusiness, Base):
    """A file that belongs to a note; the row is there before the object it speaks of.

    Without a note it was only offered: whoever uploaded it died, or is still at it.
    """

    __tablename__ = "note_attachment"
    __table_args__ = (
        Index(None, "note_id", "number"),
        Index(
            "ix_note_attachment_offered_at",
            "offered_at",
            postgresql_where=text("note_id is null"),
            sqlite_where=text("note_id is null"),
        ),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    note_id: Mapped[UUID | None] = mapped_column(ForeignKey("compliance_note.id"))
    number: Mapped[int]
    """Its place in the form, from 1."""
    name: Mapped[str] = mapped_column(String(120))
    """As it was given, cleaned: what it is saved as."""
    content_type: Mapped[str] = mapped_column(String(100))
    """Found in the content, never believed."""
    size: Mapped[int]
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(64))
    object_key: Mapped[str]
    sealed_by: Mapped[str | None] = mapped_column(String(12))
    """The master key over its data key; None until upkeep has seen that it is sealed."""
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    offered_at: Mapped[datetime]
    """When the row was written, before the object."""
    given_up_at: Mapped[datetime | None]
    """When nobody had taken it for so long that the object is deleted: no note may have it now."""
