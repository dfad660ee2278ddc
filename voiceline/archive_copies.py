"""The verbs of copies in an enterprise's own bucket: owed, put, proven, and counted.

A job claims the destination and works off what is owed there, one voicemail after another. Before
each put it is asked anew whether copies may still go there; what is put twice is put once, under
one name. The caller of a verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import joinedload

from voiceline.archive import may_copy, where_to
from voiceline.archive_record import record_of
from voiceline.database import insert_once
from voiceline.models import ArchiveCopy, ArchiveDestination, Business, Call, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.ports import ArchivedObject

FILLED_AT_ONCE = 500
PUT_OFF = timedelta(hours=1)
"""How long a voicemail waits whose own sound cannot be read; the others go on."""


@dataclass(frozen=True)
class Parcel:
    """One voicemail on its way into the bucket."""

    copy_id: UUID
    voicemail_id: UUID
    due_at: datetime | None
    """As it was owed: what became owed since is owed still."""
    version: int
    """Of the destination."""
    place: str
    key: str
    """Of the sound in our own store."""
    sha256: str
    name: str
    """Of the sound below the prefix, without its ending."""
    record: bytes
    with_sound: bool
    """Whether the sound is owed, or the record alone."""


@dataclass(frozen=True)
class Progress:
    """How far the copies are."""

    stored: int
    archived: int
    put_off: int
    """Of what is not archived: whose own sound cannot be read at this moment."""

    @property
    def behind(self) -> int:
        """How many are not there yet."""
        return self.stored - self.archived


def fill(session: Session, row: ArchiveDestination, *, at: datetime) -> int:
    """Owe the voicemails that have no copy, those first that expire first; answer how many.

    What is stored from now on is found so, and what was before; both at most so many at once.
    """
    copied = exists().where(ArchiveCopy.voicemail_id == Voicemail.id)
    without = (
        select(Voicemail.id)
        .where(*_kept(row.business_id), ~copied)
        .order_by(Voicemail.expires_at, Voicemail.id)
        .limit(FILLED_AT_ONCE)
    )
    owed = [
        {"id": uuid4(), "business_id": row.business_id, "voicemail_id": each, "due_at": at}
        for each in session.scalars(without)
    ]
    if owed:
        session.execute(insert_once(session, ArchiveCopy), owed)
    return len(owed)


def is_wanted(session: Session, parcel: Parcel, destination_id: UUID) -> bool:
    """Tell whether it may be put at this moment: nobody ended it, and the voicemail is here."""
    business_id = _open_at(session, destination_id, parcel.version)
    if business_id is None:
        return False
    here = select(Voicemail.id).where(Voicemail.id == parcel.voicemail_id, *_kept(business_id))
    return session.scalar(here) is not None


def owed(
    session: Session, destination_id: UUID, version: int, *, at: datetime, limit: int
) -> Sequence[UUID]:
    """Answer copies that are owed, the longest owed first; none where none may go any more."""
    business_id = _open_at(session, destination_id, version)
    if business_id is None:
        return ()
    return session.scalars(
        select(ArchiveCopy.id)
        .where(ArchiveCopy.business_id == business_id, ArchiveCopy.due_at <= at)
        .order_by(ArchiveCopy.due_at, ArchiveCopy.id)
        .limit(limit)
    ).all()


def begin(session: Session, copy_id: UUID, row: ArchiveDestination) -> Parcel | None:
    """Answer what is to be put now, as the destination was; None where the voicemail is gone.

    Whether it may still go there is asked right before it is put (`is_wanted`).
    """
    copy = session.get(ArchiveCopy, copy_id, with_for_update=True, populate_existing=True)
    if copy is None:
        return None
    of_call = joinedload(Voicemail.call).joinedload(Call.service_code)
    voicemail = session.get(Voicemail, copy.voicemail_id, options=[of_call])
    if voicemail is None or not _is_kept(voicemail, copy.business_id):
        copy.due_at, copy.last_error = None, "it went before it was copied"
        return None
    name = f"{voicemail.recorded_at:%Y/%m}/{voicemail.id}"
    return Parcel(
        copy_id=copy.id,
        voicemail_id=voicemail.id,
        due_at=copy.due_at,
        version=row.version,
        place=where_to(row),
        key=voicemail.object_key or "",
        sha256=voicemail.sha256 or "",
        name=name,
        record=record_of(session, voicemail, f"{name}.wav"),
        with_sound=copy.archived_at is None or copy.place != where_to(row),
    )


def note_archived(
    session: Session,
    parcel: Parcel,
    sound: ArchivedObject | None,
    record: ArchivedObject,
    *,
    at: datetime,
) -> None:
    """Keep the proofs; what became owed meanwhile stays owed. No sound: it was there before."""
    copy = session.get(ArchiveCopy, parcel.copy_id, with_for_update=True, populate_existing=True)
    if copy is None:
        return  # it was handed over to another business
    if sound is not None:
        copy.sha256, copy.version_id = sound.sha256, sound.version_id
    copy.place, copy.archived_at, copy.last_error = parcel.place, at, None
    copy.record_sha256 = record.sha256
    version = session.scalar(
        select(ArchiveDestination.version).where(ArchiveDestination.business_id == copy.business_id)
    )
    if copy.due_at == parcel.due_at and version == parcel.version:
        copy.due_at = None


def put_off(session: Session, parcel: Parcel, reason: str, *, at: datetime) -> None:
    """Let it wait: its own sound cannot be read, which is no fault of the bucket's."""
    copy = session.get(ArchiveCopy, parcel.copy_id, with_for_update=True, populate_existing=True)
    if copy is not None:
        copy.due_at, copy.last_error = at + PUT_OFF, reason[:500]


def owe_record(session: Session, voicemail_id: UUID, *, at: datetime) -> None:
    """Owe the record anew, because something in it changed."""
    session.execute(
        update(ArchiveCopy)
        .where(ArchiveCopy.voicemail_id == voicemail_id)
        .values(due_at=at)
        .execution_options(synchronize_session=False)
    )


def progress(session: Session, business_id: UUID) -> Progress:
    """Count what the business has stored, and what of it is in its own bucket."""
    query = (
        select(
            func.count(), func.count(ArchiveCopy.archived_at), func.count(ArchiveCopy.last_error)
        )
        .select_from(Voicemail)
        .outerjoin(ArchiveCopy, ArchiveCopy.voicemail_id == Voicemail.id)
        .where(*_kept(business_id))
    )
    stored, archived, late = session.execute(query).one()
    return Progress(stored, archived, late)


def _open_at(session: Session, destination_id: UUID, version: int) -> UUID | None:
    """Answer whose the destination is, if copies may go there as it was at that version."""
    found = session.execute(
        select(ArchiveDestination, Business)
        .join(Business, Business.id == ArchiveDestination.business_id)
        .where(ArchiveDestination.id == destination_id, ArchiveDestination.version == version)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return found[1].id if found is not None and may_copy(*found) else None


def _kept(business_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Voicemail.business_id == business_id,
        Voicemail.status == VoicemailStatus.STORED,
        Voicemail.going_at.is_(None),
    )


def _is_kept(voicemail: Voicemail, business_id: UUID) -> bool:
    mine = voicemail.business_id == business_id
    return mine and voicemail.status == VoicemailStatus.STORED and voicemail.going_at is None
