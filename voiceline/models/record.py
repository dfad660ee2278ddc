"""The log of requests that outlives them (11 CCR 7101), and the counts for 7102.

Nothing here refers to another table: voicemails, requesters and accounts are deleted, these rows
stay for their time. None holds a word of a consumer, nor a way to reach one.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceline.models.base import Base, OfBusiness
from voiceline.models.request import Channel, ResidenceSource
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.metrics import Outcome
from voiceline.rules.rights import Right, RightSource
from voiceline.rules.standings import Standing


class RequestRecord(OfBusiness, Base):
    """What the log says of one right that was asked for."""

    __tablename__ = "request_record"
    __table_args__ = (
        Index(None, "business_id", "received_on", "right_id"),
        Index(None, "request_id"),
        Index(None, "keep_until"),
    )

    right_id: Mapped[UUID] = mapped_column(primary_key=True)
    request_id: Mapped[UUID]
    business_id: Mapped[UUID]
    asked_of: Mapped[str] = mapped_column(String(200))
    """The business, or its brand, by the name it had."""
    service_code: Mapped[str] = mapped_column(String(8))
    reference: Mapped[str] = mapped_column(String(9))
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(64))
    """Whose dates these are."""
    channel: Mapped[Channel]
    """The manner in which it was made."""
    language: Mapped[str] = mapped_column(String(2))
    right: Mapped[Right | None]
    """The nature of the request; None while nobody has named it."""
    source: Mapped[RightSource | None]
    jurisdiction: Mapped[str] = mapped_column(String(20))
    residence_source: Mapped[ResidenceSource | None]
    standing: Mapped[Standing | None]
    acknowledged_on: Mapped[date | None]
    acknowledged_how: Mapped[str | None] = mapped_column(String(64))
    due_by: Mapped[date]
    rule: Mapped[str] = mapped_column(String(100))
    extended_told_on: Mapped[date | None]
    status: Mapped[RightStatus]
    outcome: Mapped[Outcome]
    """The nature of the response; while an appeal is open, of what it is against."""
    answered_on: Mapped[date | None]
    basis: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)
    """Of a denial, in whole or in part: codes and citations, without anybody's words."""
    keep_until: Mapped[date | None] = mapped_column()
    """The last day of the 24 months since the request's end; None while it is open."""


class RequestTally(OfBusiness, Base):
    """How many rights of a business fell into one bucket; kept up with every change."""

    __tablename__ = "request_tally"

    business_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column(String(32), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(primary_key=True)
    counted_as: Mapped[str] = mapped_column(String(32), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int]
