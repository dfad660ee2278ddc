"""A privacy request, the rights it asks for, and everything that happened to it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id
from voiceline.models.business import Business, ServiceCode
from voiceline.models.call import Call
from voiceline.rules.lifecycle import RequestStatus, check_move
from voiceline.rules.rights import Right, RightSource


class Channel(StrEnum):
    """The door a request came through."""

    PHONE = "phone"
    WEB = "web"


class EventKind(StrEnum):
    """What can happen to a request."""

    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LISTENED = "listened_to"
    DOWNLOADED = "downloaded"


class PrivacyRequest(Base):
    """One request of one consumer to one business."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        UniqueConstraint("business_id", "id"),
        Index(None, "business_id", "received_at", "id"),
        Index(None, "business_id", "respond_by", "received_at", "id"),
        Index(None, "business_id", "status", "received_at", "id"),
        Index(None, "business_id", "status", "respond_by", "received_at", "id"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    service_code_id: Mapped[UUID] = mapped_column(ForeignKey("service_code.id"))
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("call.id"), unique=True)
    """One call, one request, whatever was recorded during it."""
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    channel: Mapped[Channel]
    status: Mapped[RequestStatus] = mapped_column(default=RequestStatus.RECEIVED)
    language: Mapped[str] = mapped_column(String(2), default="en")
    received_at: Mapped[datetime]
    """When the consumer finished speaking or sending."""
    received_on: Mapped[date]
    """The same as a date of the business; the deadlines count from it."""
    filed_at: Mapped[datetime]
    acknowledge_by: Mapped[date | None]
    respond_by: Mapped[date]
    """The earliest of its rights' dates."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_how: Mapped[str | None] = mapped_column(String(64))
    """`oral/<prompts version>` when it was given during the call."""
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    """Counts the changes, so that two clerks cannot both answer."""
    business: Mapped[Business] = relationship()
    service_code: Mapped[ServiceCode] = relationship()
    call: Mapped[Call | None] = relationship()
    rights: Mapped[list[RequestedRight]] = relationship(back_populates="request")
    events: Mapped[list[RequestEvent]] = relationship(
        back_populates="request", order_by="RequestEvent.at"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def acknowledge(self, *, how: str, at: datetime, by: UUID | None = None) -> None:
        """Confirm receipt (11 CCR 7021(a)); `by` is None when the line itself did, on the call."""
        self._move(RequestStatus.ACKNOWLEDGED, EventKind.ACKNOWLEDGED, at=at, by=by)
        self.acknowledged_at, self.acknowledged_how = at, how

    def complete(self, *, at: datetime, by: UUID) -> None:
        """Answer the request in full."""
        self._move(RequestStatus.COMPLETED, EventKind.COMPLETED, at=at, by=by)
        self.finished_at = at

    def deny(self, *, at: datetime, by: UUID) -> None:
        """Answer that it is not done."""
        self._move(RequestStatus.DENIED, EventKind.DENIED, at=at, by=by)
        self.finished_at = at

    def withdraw(self, *, at: datetime, by: UUID | None = None) -> None:
        """Note that the consumer no longer asks."""
        self._move(RequestStatus.WITHDRAWN, EventKind.WITHDRAWN, at=at, by=by)
        self.finished_at = at

    def note_event(self, kind: EventKind, *, at: datetime, by: UUID | None = None) -> None:
        """Append to the history."""
        self.events.append(RequestEvent(business_id=self.business_id, kind=kind, at=at, user_id=by))

    def _move(self, new: RequestStatus, kind: EventKind, *, at: datetime, by: UUID | None) -> None:
        check_move(self.status, new)
        self.status = new
        self.note_event(kind, at=at, by=by)


class RequestedRight(Base):
    """One right a request asks for, with its own dates and the rule they came from.

    `right` is None until somebody names it: the caller by a key, or a clerk who listened.
    """

    __tablename__ = "requested_right"
    __table_args__ = (UniqueConstraint("request_id", "right"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    right: Mapped[Right | None]
    source: Mapped[RightSource | None]
    acknowledge_by: Mapped[date | None]
    respond_by: Mapped[date]
    rule: Mapped[str] = mapped_column(String(100))
    """Rule id and table version: the dates never move when the table does."""
    request: Mapped[PrivacyRequest] = relationship(back_populates="rights")


class RequestEvent(Base):
    """One thing that happened, when, and by whom; appended only."""

    __tablename__ = "request_event"
    __table_args__ = (Index(None, "request_id", "at"),)

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("privacy_request.id"))
    kind: Mapped[EventKind]
    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    """None when the line itself did it."""
    request: Mapped[PrivacyRequest] = relationship(back_populates="events")
