"""The verbs of compliance notes: write, edit, remove, and read what was written before.

Notes are among colleagues: no letter and no page for consumers reads them. Nothing is lost: an edit
adds a text, a removal hides the note, and both stay readable. The caller commits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from voiceline import audit
from voiceline.attachments import files_of, take_files
from voiceline.audit import Action, Deed
from voiceline.audit.encoding import sha256
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, OvertakenError, UserError
from voiceline.models import ComplianceNote, EventKind, NoteVersion, User
from voiceline.rules.plain_text import without_controls

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.attachments import Upload
    from voiceline.models import NoteAttachment, PrivacyRequest

LONGEST_NOTE = 10_000
"""Characters."""
MOST_SHOWN = 100

_ACTIONS = {
    EventKind.NOTE_ADDED: Action.NOTE_ADDED,
    EventKind.NOTE_EDITED: Action.NOTE_EDITED,
    EventKind.NOTE_REMOVED: Action.NOTE_REMOVED,
}


@dataclass(frozen=True)
class ShownNote:
    """A note with the text that counts, who wrote it, and its files."""

    note: ComplianceNote
    newest: NoteVersion
    author: str
    editor: str
    """Who wrote the text that counts."""
    attachments: Sequence[NoteAttachment]


@dataclass(frozen=True)
class ShownVersion:
    """One text a note had, and who wrote it."""

    version: NoteVersion
    by: str


def note_id_of(form: UUID, text: str, uploads: Sequence[Upload]) -> UUID:
    """Answer the id of the note that this form makes with that text and those files.

    Sent twice it is one note; what was changed before it was sent again is another, so that
    nothing is lost.
    """
    files = [(upload.name, hashlib.sha256(upload.data).hexdigest()) for upload in uploads]
    return uuid5(form, sha256(repr((checked_text(text), files))))


def add_note(
    session: Session,
    request: PrivacyRequest,
    note_id: UUID,
    text: str,
    user: User,
    at: datetime,
    *,
    files: Sequence[NoteAttachment] = (),
) -> ComplianceNote:
    """Write the note with its files, once; the same id again finds the note there is."""
    clean = checked_text(text)
    insert = insert_once(session, ComplianceNote).values(
        id=note_id,
        business_id=request.business_id,
        request_id=request.id,
        user_id=user.id,
        created_at=at,
        version=1,
    )
    made = session.scalars(insert.returning(ComplianceNote.id)).all()
    note = find_note(session, request, note_id)
    if not made:
        return note
    version = _append(session, note, clean, user, at)
    facts = {"version": 1, "digest": digest_of(version), "attachments": len(files)}
    _record(session, request, note, EventKind.NOTE_ADDED, user, at, facts)
    take_files(session, request, note, files, user, at)
    return note


def edit_note(
    session: Session,
    request: PrivacyRequest,
    note: ComplianceNote,
    text: str,
    user: User,
    at: datetime,
    *,
    seen: int,
) -> None:
    """Give the note another text; `seen` is the number of the text that was on the page.

    OvertakenError where somebody was first; the same text again changes nothing.
    """
    clean = checked_text(text)
    session.refresh(note, with_for_update=True)
    newest = versions_of(session, note)[0]
    if note.removed_at is not None:
        raise UserError("The note was removed meanwhile: write a new one.")
    if clean == newest.version.text:
        return
    if note.version != seen:
        raise _overtaken(request, newest)
    note.version += 1
    version = _append(session, note, clean, user, at)
    facts = {"version": version.number, "digest": digest_of(version)}
    _record(session, request, note, EventKind.NOTE_EDITED, user, at, facts)


def remove_note(
    session: Session, request: PrivacyRequest, note: ComplianceNote, user: User, at: datetime
) -> None:
    """Hide the note; its texts and files stay readable in its history. Twice is once."""
    session.refresh(note, with_for_update=True)
    if note.removed_at is not None:
        return
    note.removed_at, note.removed_by_id = at, user.id
    facts = {"version": note.version}
    _record(session, request, note, EventKind.NOTE_REMOVED, user, at, facts)


def notes_of(session: Session, request: PrivacyRequest) -> list[ShownNote]:
    """Answer the newest 100 notes of the request, removed ones among them, newest first."""
    editor = aliased(User)
    newest = and_(
        NoteVersion.note_id == ComplianceNote.id, NoteVersion.number == ComplianceNote.version
    )
    rows = session.execute(
        select(ComplianceNote, NoteVersion, User.name, editor.name)
        .join(NoteVersion, newest)
        .join(User, User.id == ComplianceNote.user_id)
        .join(editor, editor.id == NoteVersion.user_id)
        .where(ComplianceNote.request_id == request.id)
        .order_by(ComplianceNote.created_at.desc(), ComplianceNote.id)
        .limit(MOST_SHOWN)
    ).all()
    files = files_of(session, [note.id for note, *_ in rows])
    return [
        ShownNote(note, version, author, edited_by, files.get(note.id, ()))
        for note, version, author, edited_by in rows
    ]


def find_note(session: Session, request: PrivacyRequest, note_id: UUID) -> ComplianceNote:
    """Answer the request's note with that id, or raise NotFoundError."""
    note = session.get(ComplianceNote, note_id)
    if note is None or note.request_id != request.id:
        raise NotFoundError("no such note")
    return note


def versions_of(session: Session, note: ComplianceNote) -> list[ShownVersion]:
    """Answer every text the note had, newest first."""
    rows = session.execute(
        select(NoteVersion, User.name)
        .join(User, User.id == NoteVersion.user_id)
        .where(NoteVersion.note_id == note.id)
        .order_by(NoteVersion.number.desc())
    )
    return [ShownVersion(version, name) for version, name in rows]


def checked_text(text: str) -> str:
    """Answer the text without what is no text, or raise UserError for none or too much."""
    clean = without_controls(text.replace("\r\n", "\n")).strip()
    if not clean:
        raise UserError("Write something first: a note has a text, also where files say the rest.")
    if len(clean) > LONGEST_NOTE:
        raise UserError(
            f"That is too long: a note has at most {LONGEST_NOTE:,} characters, and this one has "
            f"{len(clean):,}. Attach it as a file instead."
        )
    return clean


def digest_of(version: NoteVersion) -> str:
    """Answer what the audit trail keeps of a text: SHA-256 of the version's id, LF, the text."""
    return sha256(f"{version.id}\n{version.text}")


def _append(
    session: Session, note: ComplianceNote, text: str, user: User, at: datetime
) -> NoteVersion:
    version = NoteVersion(
        business_id=note.business_id,
        note_id=note.id,
        number=note.version,
        text=text,
        at=at,
        user_id=user.id,
    )
    session.add(version)
    session.flush()
    return version


def _record(
    session: Session,
    request: PrivacyRequest,
    note: ComplianceNote,
    kind: EventKind,
    user: User,
    at: datetime,
    facts: dict[str, Any],
) -> None:
    """Write it into the request's history and into the audit trail; neither holds the text."""
    event = request.note_event(kind, at=at, by=user.id)
    event.facts = {"note": str(note.id), "version": facts["version"]}
    session.flush()
    subject, by = audit.about(note, request), audit.staff(user)
    kept = facts | {"entry": str(event.id)}
    audit.write(session, Deed(request.business_id, _ACTIONS[kind], by, at, subject, kept))


def _overtaken(request: PrivacyRequest, newest: ShownVersion) -> OvertakenError:
    at = newest.version.at
    local = at.astimezone(ZoneInfo(request.business.time_zone))
    return OvertakenError(
        f"{newest.by} was first: edited the note, {local:%Y-%m-%d at %H:%M %Z}. Nothing was "
        "changed now: look at the note again.",
        who=newest.by,
        what="edited the note",
        at=at,
    )
