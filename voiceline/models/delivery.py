"""A message we owe somebody; its status is the outbox."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.letter import Letter
from voiceline.models.request import PrivacyRequest
from voiceline.rules.lifecycle import DeliveryStatus, check_move


class DeliveryKind(StrEnum):
    """What the message says, and so to whom it goes."""

    REQUEST_FILED = "request_filed"
    """To the address of the business, as soon as a request is filed."""
    NEW_REQUEST = "new_request"
    DAILY_DIGEST = "daily_digest"
    FRIDAY_SUMMARY = "friday_summary"
    DEADLINES = "deadlines"
    UNASSIGNED = "unassigned"
    ASSIGNED = "assigned"
    """To a colleague whom another gave requests to work on."""
    CANARY_FAILED = "canary_failed"
    """To the operator's owners and admins: the line does not work, or works again."""
    CANARY_MENDED = "canary_mended"
    ALARM = "alarm"
    """To the operator's owners and admins: what must not wait."""
    EXPIRING = "expiring"
    """To colleagues who want to know: voicemails are about to expire."""
    GRANT_ASKED = "grant_asked"
    """To a business's owners and admins: one of the operator's people asks to read it."""
    GRANT_DECIDED = "grant_decided"
    """To who asked: what the business decided, or that it ended the access."""
    ARCHIVE_FAILING = "archive_failing"
    """To a business's owners: nothing can be copied into its own bucket."""
    POLICY_CHANGED = "policy_changed"
    """To the owners of every account: the privacy policy will change."""
    LETTER = "letter"
    """To the consumer, as is what follows."""
    RECEIPT = "receipt"
    EMAIL_LINK = "email_link"
    SIGN_UP = "sign_up"
    """To a person about their own account, as is what follows."""
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a message
    NEW_ADDRESS = "new_address"
    KEEP_ADDRESS = "keep_address"
    ACCOUNT_CHANGED = "account_changed"
    NOTIFY_ADDRESS = "notify_address"
    DOMAIN_LOST = "domain_lost"
    """To the owners: a domain of the business is verified no more."""


TO_PEOPLE = frozenset(
    {
        *(DeliveryKind.SIGN_UP, DeliveryKind.INVITATION, DeliveryKind.PASSWORD_RESET),
        *(DeliveryKind.NEW_ADDRESS, DeliveryKind.KEEP_ADDRESS, DeliveryKind.ACCOUNT_CHANGED),
        DeliveryKind.NOTIFY_ADDRESS,
    }
)
"""Messages about accounts; none of them is about a request."""

TO_STAFF = TO_PEOPLE | frozenset(
    {
        *(DeliveryKind.REQUEST_FILED, DeliveryKind.NEW_REQUEST, DeliveryKind.DAILY_DIGEST),
        *(DeliveryKind.FRIDAY_SUMMARY, DeliveryKind.DEADLINES, DeliveryKind.UNASSIGNED),
        *(DeliveryKind.DOMAIN_LOST, DeliveryKind.GRANT_ASKED, DeliveryKind.GRANT_DECIDED),
        *(DeliveryKind.EXPIRING, DeliveryKind.ARCHIVE_FAILING, DeliveryKind.POLICY_CHANGED),
        *(DeliveryKind.ASSIGNED, DeliveryKind.CANARY_FAILED, DeliveryKind.CANARY_MENDED),
        DeliveryKind.ALARM,
    }
)
"""Messages that do not leave the house."""


class Delivery(OfBusiness, Base):
    """One e-mail to one address; what its key names is sent once."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due_at", "due_at", postgresql_where=text("due_at is not null")),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID | None] = mapped_column(  # type: ignore[assignment]
        ForeignKey("business.id"), index=True
    )
    """None where it is about a person, whatever businesses they work for."""
    key: Mapped[str] = mapped_column(String(200), unique=True)
    """What it says, about what and to whom: `daily_digest/<business>/<user>/2026-11-23`."""
    request_id: Mapped[UUID | None] = mapped_column(ForeignKey("privacy_request.id"), index=True)
    """None where it is about several, or about none."""
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    """The colleague it is for; whether they still may know is looked up when it is sent."""
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"), unique=True)
    about_on: Mapped[date | None]
    """The day of the business that it tells of."""
    facts: Mapped[dict[str, str] | None] = mapped_column(JSON)
    """What its writer needs besides and no row holds, and since when it is owed again.

    No words of a consumer.
    """
    kind: Mapped[DeliveryKind]
    address: Mapped[str] = mapped_column(String(320))
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.PENDING)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    business: Mapped[Business | None] = relationship()
    request: Mapped[PrivacyRequest | None] = relationship()
    letter: Mapped[Letter | None] = relationship(back_populates="delivery")

    def finish(self, at: datetime) -> None:
        """Note that the message was handed over."""
        self._move(DeliveryStatus.DONE, at)

    def fail(self, reason: str, at: datetime) -> None:
        """Give up on the message."""
        self._move(DeliveryStatus.FAILED, at)
        self.last_error = reason[:500]

    def try_again(self, at: datetime) -> None:
        """Owe the message again, from the beginning; it stays the same message."""
        self._move(DeliveryStatus.PENDING, at)
        self.finished_at, self.due_at, self.attempts = None, at, 0
        self.facts = {**(self.facts or {}), "again_at": at.isoformat()}

    @property
    def owed_again_at(self) -> datetime | None:
        """When it was owed again after it had been given up, the last time; else None."""
        at = (self.facts or {}).get("again_at")
        return datetime.fromisoformat(at) if at else None

    def _move(self, new: DeliveryStatus, at: datetime) -> None:
        check_move(self.status, new)
        self.status = new
        self.finished_at, self.due_at, self.claim = at, None, None
