"""The verbs of files that belong to notes: offer, put, take, find, give up.

A file is in the object store before the note that has it is committed: its row is written first
(`offer_files`), without a note; then the object (`put_files`), under a key that follows from the
row; then the note takes the row (`take_files`). Whoever dies in between leaves a row without a
note. The job `sweep_attachments` finds it an hour later: it marks the row, so that no note can take
it any more, deletes the object, and then the row; wherever it dies, the next round goes on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from sqlalchemy import delete, select, update

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, UserError
from voiceline.models import NoteAttachment
from voiceline.rules import retention
from voiceline.rules.attachments import clean_name, recognise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import ComplianceNote, PrivacyRequest, User
    from voiceline.ports import ObjectStore

MOST_FILES = 5
KEYS = "note/"
"""How the objects' keys begin: the bucket's rules for voicemails do not reach them."""

ABANDONED_AFTER = timedelta(hours=1)
"""Far longer than an upload is waited for: a file that no note has by then belongs to none."""


@dataclass(frozen=True)
class Upload:
    """A file as a browser sent it; its name is a wish, its bytes are facts."""

    name: str
    data: bytes


def offer_files(
    session: Session,
    request: PrivacyRequest,
    note_id: UUID,
    uploads: Sequence[Upload],
    user: User,
    at: datetime,
) -> list[NoteAttachment]:
    """Write a row for each file, without a note; UserError where one is not to be attached.

    The same file sent again with the same form finds the row it has.
    """
    if len(uploads) > MOST_FILES:
        raise UserError(f"A note takes {MOST_FILES} files at most: choose fewer.")
    rows = [_row(request, note_id, place, upload) for place, upload in enumerate(uploads, 1)]
    for row in rows:
        row.user_id, row.offered_at = user.id, at
        facts = {c.name: getattr(row, c.name) for c in NoteAttachment.__table__.c}
        session.execute(insert_once(session, NoteAttachment).values(facts))
    return rows


def put_files(
    store: ObjectStore, rows: Sequence[NoteAttachment], uploads: Sequence[Upload]
) -> None:
    """Put the files into the object store; call it outside of a transaction."""
    for row, upload in zip(rows, uploads, strict=True):
        store.put(
            row.object_key,
            upload.data,
            content_type=row.content_type,
            tags=retention.NOTE_TAGS,
        )


def take_files(
    session: Session,
    request: PrivacyRequest,
    note: ComplianceNote,
    rows: Sequence[NoteAttachment],
    user: User,
    at: datetime,
) -> None:
    """Give the note its files, unless a sweep has given one of them up meanwhile."""
    taken = session.scalars(
        update(NoteAttachment)
        .where(
            NoteAttachment.id.in_([row.id for row in rows]),
            NoteAttachment.request_id == note.request_id,
            NoteAttachment.note_id.is_(None),
            NoteAttachment.given_up_at.is_(None),
        )
        .values(note_id=note.id)
        .returning(NoteAttachment.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(taken) != len(rows):
        raise UserError("The files took too long to arrive. Nothing was kept: send them again.")
    by = audit.staff(user)
    for row in rows:
        facts: dict[str, str | int | bool | None] = {
            "note": str(note.id),
            "sha256": row.sha256,
            "size": row.size,
        }
        subject = audit.about(row, request)
        deed = Deed(request.business_id, Action.ATTACHMENT_ADDED, by, at, subject, facts)
        audit.write(session, deed)


def files_of(session: Session, note_ids: Iterable[UUID]) -> dict[UUID, list[NoteAttachment]]:
    """Answer the files of each of the notes, in the order in which they were chosen."""
    found: dict[UUID, list[NoteAttachment]] = {}
    if not (ids := list(note_ids)):
        return found
    query = select(NoteAttachment).where(NoteAttachment.note_id.in_(ids))
    for row in session.scalars(query.order_by(NoteAttachment.note_id, NoteAttachment.number)):
        if row.note_id is not None:
            found.setdefault(row.note_id, []).append(row)
    return found


def find_attachment(session: Session, note: ComplianceNote, file_id: UUID) -> NoteAttachment:
    """Answer the note's file with that id, or raise NotFoundError."""
    row = session.get(NoteAttachment, file_id)
    if row is None or row.note_id != note.id:
        raise NotFoundError("no such attachment")
    return row


def note_taken(
    session: Session, request: PrivacyRequest, file: NoteAttachment, user: User, at: datetime
) -> None:
    """Prove that somebody took the file away; once a sitting."""
    subject, facts = audit.about(file, request), {"note": str(file.note_id)}
    action, by = Action.ATTACHMENT_DOWNLOADED, audit.staff(user)
    audit.write_once(session, Deed(request.business_id, action, by, at, subject, facts))


def give_up_abandoned(
    session: Session, *, at: datetime, limit: int, but: Collection[UUID] = ()
) -> Sequence[UUID]:
    """Mark the files that no note has taken for so long, and answer all that are marked."""
    rows = session.scalars(
        select(NoteAttachment)
        .where(
            NoteAttachment.note_id.is_(None),
            NoteAttachment.offered_at < at - ABANDONED_AFTER,
            NoteAttachment.id.not_in(but),
        )
        .order_by(NoteAttachment.offered_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.given_up_at = row.given_up_at or at
    return [row.id for row in rows]


def abandoned_key(session: Session, file_id: UUID) -> str | None:
    """Answer the key of a file that was given up, or None where somebody was first."""
    row = session.get(NoteAttachment, file_id)
    return row.object_key if row and row.given_up_at and row.note_id is None else None


def forget_file(session: Session, file_id: UUID) -> None:
    """Delete the row of a file that was given up; its object is gone."""
    session.execute(
        delete(NoteAttachment).where(
            NoteAttachment.id == file_id,
            NoteAttachment.note_id.is_(None),
            NoteAttachment.given_up_at.is_not(None),
        )
    )


def _row(request: PrivacyRequest, note_id: UUID, place: int, upload: Upload) -> NoteAttachment:
    kind = recognise(upload.data)
    digest = hashlib.sha256(upload.data).hexdigest()
    file_id = uuid5(note_id, f"{request.id}/{place}/{digest}")
    return NoteAttachment(
        id=file_id,
        business_id=request.business_id,
        request_id=request.id,
        number=place,
        name=clean_name(upload.name, kind),
        content_type=kind.content_type,
        size=len(upload.data),
        sha256=digest,
        object_key=f"{KEYS}{request.business_id}/{file_id}",
    )
