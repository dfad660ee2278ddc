"""A privacy request and everything that happened to it; what it asks for is in `right`."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.errors import IllegalMoveError
from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business, ServiceCode
from voiceline.models.call import Call
from voiceline.models.right import IN_ORDER, RequestedRight
from voiceline.rules.jurisdictions import UNKNOWN
from voiceline.rules.lifecycle import RequestStatus, RightStatus, check_move
from voiceline.rules.outcomes import CLOSED, OPEN, Task, status_of
from voiceline.rules.standings import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voiceline.models.requester import Requester  # noqa: TC004 - found by its name


class Channel(StrEnum):
    """The door a request came through."""

    PHONE = "phone"
    WEB = "web"
    MAIL = "mail"
    EMAIL = "email"
    IN_PERSON = "in_person"


class EventKind(StrEnum):
    """What can happen to a request."""

    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    VERIFIED = "verified"
    NOT_VERIFIED = "not_verified"
    EXTENDED = "extended"
    COMPLETED = "completed"
    PARTLY = "partly_completed"
    DENIED = "denied"
    REDIRECTED = "redirected"
    DEFERRED = "deferred"
    RESUMED = "resumed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    APPEALED = "appealed"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_REVERSED = "appeal_reversed"
    APPEAL_WITHDRAWN = "appeal_withdrawn"
    RIGHT_NAMED = "right_named"
    RIGHT_STRUCK = "right_struck"
    RESIDENCE_SET = "residence_set"
    STANDING_SET = "standing_set"
    CONTACT_SET = "contact_set"
    ASSIGNED = "assigned"
    RECEIPT_MOVED = "receipt_moved"
    """We learnt that it had come earlier; its dates count from that day."""
    HANDED_OVER = "handed_over"
    HANDED_BACK = "handed_back"
    EMAIL_CONFIRMED = "email_confirmed"
    LETTER_SENT = "letter_sent"
    LETTER_RETURNED = "letter_returned"
    """Its e-mail was refused for good: what it told is untold again."""
    NOTE_ADDED = "note_added"
    NOTE_EDITED = "note_edited"
    NOTE_REMOVED = "note_removed"
    EXPORTED = "exported"
    UNDONE = "undone"
    LISTENED = "listened_to"
    DOWNLOADED = "downloaded"


class ResidenceSource(StrEnum):
    """How we know where a consumer lives."""

    TOLD = "told"
    """In the message or on the form."""
    ASKED = "asked"
    RECORDS = "records"
    """What the business holds already."""


def _filed_at(context: Any) -> datetime:
    """Answer when the row that is being inserted was filed: nothing else has come yet."""
    filed_at: datetime = context.get_current_parameters()["filed_at"]
    return filed_at


def _index_of(name: str, *first: str, where: str) -> Index:
    """Answer an index of some of a business's requests, in the order of a page."""
    columns = ("business_id", *first, "received_at", "id")
    only = text(where)
    return Index(f"ix_privacy_request_{name}", *columns, postgresql_where=only, sqlite_where=only)


class PrivacyRequest(OfBusiness, Base):
    """One request of one consumer to one business."""

    __tablename__ = "privacy_request"
    __table_args__ = (
        UniqueConstraint("business_id", "id"),
        Index(None, "business_id", "received_at", "id"),
        Index(None, "business_id", "status", "received_at", "id"),
        Index(None, "business_id", "status", "watch_by", "received_at", "id"),
        Index(None, "business_id", "news_at", "id"),
        Index("ix_privacy_request_assignee", "business_id", "assignee_id", "id"),
        _index_of("watched", "watch_by", where="watch_by is not null"),
        _index_of("watched_newest", where="watch_by is not null"),
        _index_of("done_newest", where="watch_by is null"),
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
    residence: Mapped[str | None] = mapped_column(String(20))
    """Where the consumer lives, `US-NY` or `EU`; None: nobody has learnt it yet."""
    residence_source: Mapped[ResidenceSource | None]
    jurisdiction: Mapped[str] = mapped_column(String(20), default=UNKNOWN)
    """The key of the law whose figures apply; `UNKNOWN-US` for California's in place of it."""
    standing: Mapped[Standing | None]
    """For whom it is asked; None: nobody has said yet."""
    received_at: Mapped[datetime]
    """When the consumer finished speaking or sending."""
    received_on: Mapped[date]
    """The same as a date of the business; the deadlines count from it."""
    filed_at: Mapped[datetime]
    policy_version: Mapped[str | None] = mapped_column(String(40))
    """The privacy policy in force when it was received; None where none was published then."""
    news_at: Mapped[datetime] = mapped_column(default=_filed_at)
    """When the last thing came from the consumer: the request, another take, an appeal."""
    acknowledge_by: Mapped[date | None]
    respond_by: Mapped[date]
    """The earliest date of the rights that still owe an answer or a decision."""
    watch_by: Mapped[date | None]
    """The first date of what is owed (to confirm, name, answer, decide or tell); None: nothing."""
    acknowledged_at: Mapped[datetime | None]
    acknowledged_how: Mapped[str | None] = mapped_column(String(64))
    """`oral/<prompts version>` when it was given during the call."""
    finished_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    """Counts the changes, so that two clerks cannot both answer."""
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    """The colleague who works on it; one who is no member any more counts as nobody."""
    last_change_id: Mapped[UUID | None]
    """The entry of the history that a colleague's newest change made."""
    business: Mapped[Business] = relationship()
    service_code: Mapped[ServiceCode] = relationship()
    call: Mapped[Call | None] = relationship()
    requester: Mapped[Requester | None] = relationship(back_populates="request")
    rights: Mapped[list[RequestedRight]] = relationship(
        back_populates="request", order_by="RequestedRight.number", collection_class=IN_ORDER
    )
    events: Mapped[list[RequestEvent]] = relationship(
        back_populates="request", order_by="RequestEvent.at"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads it so

    def acknowledge(self, *, how: str, at: datetime, by: UUID | None = None) -> RequestEvent:
        """Confirm receipt (11 CCR 7021(a)); `by` is None when the line itself did, on the call."""
        if self.acknowledged_at is not None or self.finished_at is not None:
            raise IllegalMoveError(self.status, RequestStatus.ACKNOWLEDGED)
        self.acknowledged_at, self.acknowledged_how = at, how
        self.follow_rights(at)
        return self.note_event(EventKind.ACKNOWLEDGED, at=at, by=by)

    def complete(self, *, at: datetime, by: UUID) -> RequestEvent:
        """Answer all that is open in full."""
        return self.settle(self.open_rights, RightStatus.COMPLETED, EventKind.COMPLETED, at, by)

    def deny(self, *, at: datetime, by: UUID) -> RequestEvent:
        """Answer that nothing of what is open is done."""
        return self.settle(self.open_rights, RightStatus.DENIED, EventKind.DENIED, at, by)

    def withdraw(self, *, at: datetime, by: UUID | None = None) -> RequestEvent:
        """Note that the consumer no longer asks for what is open."""
        return self.settle(self.open_rights, RightStatus.WITHDRAWN, EventKind.WITHDRAWN, at, by)

    def settle(
        self,
        rights: Iterable[RequestedRight],
        new: RightStatus,
        kind: EventKind,
        at: datetime,
        by: UUID | None,
    ) -> RequestEvent:
        """Move rights, all or none of them, and the request with them; answer the entry."""
        moved = list(rights)
        for right in moved:
            check_move(right.status, new)
        for right in moved:
            right.move(new, at)
        self.follow_rights(at)
        return self.note_event(kind, at=at, by=by, right=moved[0] if len(moved) == 1 else None)

    @property
    def open_rights(self) -> list[RequestedRight]:
        """The rights that owe an answer."""
        return [right for right in self.rights if right.status in OPEN]

    @property
    def asked_rights(self) -> list[RequestedRight]:
        """The rights without those that were named in error."""
        return [right for right in self.rights if right.status != RightStatus.STRUCK]

    def follow_rights(self, at: datetime) -> None:
        """Take the status that the rights make, and the earliest dates of what they still owe."""
        self._follow_status(at)
        task = self.task
        self.watch_by = task[0] if task else None

    @property
    def task(self) -> tuple[date, Task] | None:
        """What is owed first of all, and by when; None where nothing is."""
        receipt = (self.receipt_by, Task.CONFIRM) if self.receipt_by else None
        owed = [receipt, *(right.task(self.received_on) for right in self.asked_rights)]
        return min((each for each in owed if each), default=None)

    @property
    def receipt_by(self) -> date | None:
        """The day by which receipt is still to be confirmed, or None where it is not owed."""
        if self.acknowledged_at is not None:
            return None
        owed = [right.acknowledge_by for right in self.open_rights]
        return min((each for each in owed if each), default=None)

    def unconfirm(self) -> None:
        """Owe the confirmation of receipt again: the one that was sent did not arrive."""
        self.acknowledged_at = self.acknowledged_how = None
        if self.status == RequestStatus.ACKNOWLEDGED:
            self.status = RequestStatus.RECEIVED

    def _follow_status(self, at: datetime) -> None:
        statuses = [right.status for right in self.asked_rights]
        new = status_of(statuses, acknowledged=self.acknowledged_at is not None)
        if new != self.status:
            check_move(self.status, new)
            self.status = new
        if self.status in CLOSED:
            self.finished_at = self.finished_at or at
            return
        self.finished_at = None
        if due := [right for right in self.asked_rights if right.is_due]:
            self.respond_by = min(right.due_by for right in due)
            owed = [right.acknowledge_by for right in due if right.acknowledge_by]
            self.acknowledge_by = min(owed, default=None)

    def note_event(
        self,
        kind: EventKind,
        *,
        at: datetime,
        by: UUID | None = None,
        right: RequestedRight | None = None,
    ) -> RequestEvent:
        """Append to the history."""
        event = RequestEvent(
            id=uuid4(), business_id=self.business_id, kind=kind, at=at, user_id=by, right=right
        )
        self.events.append(event)
        return event


class RequestEvent(OfBusiness, Base):
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
    right_id: Mapped[UUID | None] = mapped_column(ForeignKey("requested_right.id"))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What was decided, in plain values: codes, dates, rules; no words of a consumer."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON, deferred=True)
    """How request and rights were, for whoever undoes it."""
    undoes_id: Mapped[UUID | None] = mapped_column(ForeignKey("request_event.id"))
    right: Mapped[RequestedRight | None] = relationship()
    request: Mapped[PrivacyRequest] = relationship(back_populates="events")
