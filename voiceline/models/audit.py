"""The audit trail: one chain of entries for each business, its head, and the heads we signed.

The database itself holds the promises: what `audit_triggers` lays down refuses to change or delete
an entry or a signed head, and lets an entry in only behind the newest one. Nothing here names a
person: a name is kept beside the chain, which knows no more of it than a salted digest.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.audit_triggers import lay_down
from voiceline.models.base import Base, OfBusiness


class ActorKind(StrEnum):
    """Who can do something that is proven."""

    STAFF = "staff"
    SYSTEM = "system"
    OPERATOR = "operator"
    CONSUMER = "consumer"


class AuditChain(OfBusiness, Base):
    """Where a business's chain stands; made with the business, moved by the database alone.

    Whoever appends locks this row first, so that two writers follow one another.
    """

    __tablename__ = "audit_chain"

    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    """Of the newest entry; 0 before the first."""
    entry_hash: Mapped[str] = mapped_column(String(64))
    """Of the newest entry; zeros before the first."""


class AuditEntry(OfBusiness, Base):
    """One deed: who did what to what, when; appended only.

    What is hashed, and how, is written down in docs/audit.md.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("sequence > 0", name="counts_from_one"),
        Index(None, "business_id", "subject_id", "sequence"),
        Index(None, "business_id", "request_id", "sequence"),
    )

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("audit_chain.business_id"), primary_key=True
    )
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """1, 2, ... within the business, without a gap."""
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind]
    actor_id: Mapped[UUID | None]
    """A colleague's user id, a consumer's request id."""
    actor_name: Mapped[str | None] = mapped_column(String(64))
    """Digest of the name as it was; the name itself is an AuditName, until it is erased."""
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID]
    request_id: Mapped[UUID | None]
    """The request it belongs to: an entry about a voicemail is part of its request's proof."""
    facts: Mapped[str] = mapped_column(Text)
    """A flat object of plain values as canonical JSON, kept as the text that was hashed."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64))


class AuditName(Base):
    """A name as it was, behind the digest in the entries; deleting it leaves every chain whole."""

    __tablename__ = "audit_name"
    __table_args__ = (Index(None, "user_id", "name", unique=True),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(200))
    salt: Mapped[str] = mapped_column(String(64))
    """Goes with the name: without it nobody can try names against the digest."""


class AuditHead(OfBusiness, Base):
    """The head of a business's chain as it stood on a day (UTC), signed with Ed25519."""

    __tablename__ = "audit_head"

    business_id: Mapped[UUID] = mapped_column(
        ForeignKey("audit_chain.business_id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger)
    entry_hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[str] = mapped_column(String(128))


event.listen(Base.metadata, "after_create", lay_down)
