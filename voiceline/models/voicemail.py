"""The message a caller left: its audio, where it is, and until when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceline.models.base import Base, Id, OfBusiness
from voiceline.models.business import Business
from voiceline.models.call import Call
from voiceline.rules.lifecycle import VoicemailStatus, check_move
from voiceline.rules.retention import store_tags

if TYPE_CHECKING:
    from voiceline.models.derived_audio import DerivedAudio  # noqa: TC004 - found by its name
    from voiceline.ports import Seal, StoredObject


TRY_FAILED_AGAIN = timedelta(hours=1)
STOP_TRYING = timedelta(days=30)
"""After it the carrier has nothing left that could be fetched."""


class Voicemail(OfBusiness, Base):
    """One voicemail. The status column is the outbox: it says what is still owed."""

    __tablename__ = "voicemail"
    __table_args__ = (
        Index("ix_voicemail_due_at", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_voicemail_expires_at", "status", "expires_at"),
        Index(
            "ix_voicemail_going_at",
            "going_at",
            postgresql_where=text("going_at is not null and status = 'stored'"),
        ),
        Index(
            "ix_voicemail_business_id_expires_at",
            *("business_id", "expires_at"),
            postgresql_where=text("status = 'stored'"),
        ),
        Index(None, "business_id", "recorded_at"),
    )

    id: Mapped[Id]
    business_id: Mapped[UUID] = mapped_column(ForeignKey("business.id"))
    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"), index=True)
    carrier_id: Mapped[str] = mapped_column(String(64), unique=True)
    """The carrier's RecordingSid: one voicemail, however often we are told of it."""
    take: Mapped[int | None]
    """1, 2, ... as the caller recorded it again; None when it came outside the usual way."""
    status: Mapped[VoicemailStatus] = mapped_column(default=VoicemailStatus.PENDING)
    claimed_seconds: Mapped[int | None]
    """Duration as the carrier reported it; the measured one counts."""
    duration_ms: Mapped[int | None]
    object_key: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    """Bytes of the WAV."""
    sealed_by: Mapped[str | None] = mapped_column(String(12))
    """The master key over its data key; None while a stored object owes its sealing."""
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of what the object store itself holds; `sha256` is that of the sound."""
    sealed_size: Mapped[int | None]
    recorded_at: Mapped[datetime]
    """When the caller spoke: the law's clock starts here, whenever we learn of it."""
    received_at: Mapped[datetime]
    """When we learned of it."""
    tier_tag: Mapped[str | None] = mapped_column(String(32))
    """The tier the object is tagged with; None while a stored object owes its tag."""
    stored_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether a legal hold is on it: it does not expire."""
    held_back: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the bucket's own expiry must leave it: its last day is near, and it has no copy."""
    warned_days: Mapped[int | None]
    """How many days before its end the business was warned of it last; None: not yet."""
    warned_on: Mapped[date | None]
    """The morning that tells of it."""
    going_at: Mapped[datetime | None]
    """When deleting it for its age began; from then on nothing keeps it any more."""
    missed_at: Mapped[datetime | None]
    """When its audio was found to be lost, here and at the carrier; people were told then."""
    gone_at: Mapped[datetime | None]
    """When the audio was erased or expired."""
    carrier_deleted_at: Mapped[datetime | None]
    """When the carrier's copy was deleted; only after ours was read back."""
    claim: Mapped[UUID | None]
    """The token of the job that holds the row; nobody else may finish what it began."""
    due_at: Mapped[datetime | None]
    """When the work still owed may be offered (again); a held row's lease ends then."""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    call: Mapped[Call] = relationship()
    business: Mapped[Business] = relationship()
    derived: Mapped[DerivedAudio | None] = relationship(back_populates="voicemail")

    @property
    def store_tags(self) -> dict[str, str]:
        """What its objects are tagged with, as it is now."""
        return store_tags(self.business.tier, held=self.held or self.held_back)

    def store(self, stored: StoredObject, *, duration_ms: int, at: datetime) -> None:
        """Note that the audio was read back from the object store."""
        self._move(VoicemailStatus.STORED)
        self.object_key, self.sha256, self.size = stored.key, stored.sha256, stored.size
        self.duration_ms, self.stored_at, self.last_error = duration_ms, at, None
        self.seal(stored.seal)

    def seal(self, seal: Seal | None) -> None:
        """Note how its audio is sealed; None: not yet."""
        self.sealed_by = seal.master_id if seal else None
        self.sealed_sha256 = seal.sha256 if seal else None
        self.sealed_size = seal.size if seal else None

    def keep_until(self, last: datetime) -> None:
        """Keep it until that moment, the last; of a later one than before is warned anew."""
        if self.expires_at is not None and last > self.expires_at:
            self.warned_days = self.warned_on = None
        self.expires_at = last

    def fail(self, reason: str, at: datetime) -> None:
        """Park the voicemail; it is tried again hourly, in case somebody mended the cause."""
        self._move(VoicemailStatus.FAILED)
        young = at < self.recorded_at + STOP_TRYING
        self.last_error, self.claim = reason[:500], None
        self.due_at = at + TRY_FAILED_AGAIN if young else None

    def try_again(self, at: datetime) -> None:
        """Owe the work again, from the beginning."""
        self._move(VoicemailStatus.PENDING)
        self.attempts, self.due_at = 0, at

    def find_absent(self) -> None:
        """Note that the carrier kept no audio: too short, or silent."""
        self._move(VoicemailStatus.ABSENT)
        self.due_at, self.claim = None, None

    def replace(self, at: datetime) -> None:
        """Give way to a later take; the audio is owed its erasure everywhere."""
        self._move(VoicemailStatus.REPLACED)
        self.due_at, self.claim, self.attempts = at, None, 0

    def erase(self, at: datetime) -> None:
        """Note that no copy is left."""
        self._go(VoicemailStatus.ERASED, at)

    def expire(self, at: datetime) -> None:
        """Note that the audio was deleted because of its age, and seen to be gone."""
        self._go(VoicemailStatus.EXPIRED, at)

    def _go(self, end: VoicemailStatus, at: datetime) -> None:
        self._move(end)
        self.gone_at, self.due_at, self.claim = at, None, None
        if self.derived is not None:
            self.derived.leave(at)

    def _move(self, new: VoicemailStatus) -> None:
        check_move(self.status, new)
        self.status = new
