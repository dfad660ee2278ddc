"""Compliance notes: nothing that was written is lost, and nothing is proven that was not done."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from documents import PDF, TEXT
from factories import AT, make_business, make_code, make_request, make_user
from sqlalchemy import func, select
from staff import statements

from voiceline import attachments, notes
from voiceline.adapters.filesystem_store import FolderStore
from voiceline.attachments import Upload
from voiceline.errors import NotFoundError, OvertakenError, UserError
from voiceline.models import (
    AuditEntry,
    ComplianceNote,
    EventKind,
    NoteAttachment,
    NoteVersion,
    RequestEvent,
)

LATER = AT + timedelta(minutes=3)


def test_a_note_is_kept_with_who_and_when(session, request_row, alice):
    written = notes.add_note(
        session, request_row, uuid4(), " Called back.\r\nNo answer ", alice, AT
    )

    (shown,) = notes.notes_of(session, request_row)
    assert (shown.newest.text, shown.author) == ("Called back.\nNo answer", "Alice Abbott")
    assert (shown.note.id, shown.note.created_at) == (written.id, AT)


def test_the_same_form_twice_is_one_note(session, request_row, alice):
    note_id = uuid4()
    notes.add_note(session, request_row, note_id, "once", alice, AT)
    again = notes.add_note(session, request_row, note_id, "once more", alice, LATER)

    assert (again.id, again.version) == (note_id, 1)
    assert [each.newest.text for each in notes.notes_of(session, request_row)] == ["once"]
    assert len(proofs(session)) == 1


def test_a_form_means_another_note_with_other_words_or_files():
    form, file = uuid4(), Upload("a.txt", TEXT)

    ids = {
        notes.note_id_of(form, text, files)
        for text in ("one", " one\r\n", "two")
        for files in ([], [file], [file, file], [Upload("b.txt", TEXT)], [Upload("a.txt", PDF)])
    }

    assert len(ids) == 2 * 5


def test_a_note_of_another_request_is_not_to_be_had(session, request_row, code, alice):
    other = make_request(session, code)
    theirs = notes.add_note(session, other, uuid4(), "theirs", alice, AT)

    with pytest.raises(NotFoundError):
        notes.add_note(session, request_row, theirs.id, "mine", alice, AT)
    with pytest.raises(NotFoundError):
        notes.find_note(session, request_row, theirs.id)


def test_an_edit_keeps_every_earlier_text(session, request_row, alice, bob):
    note = notes.add_note(session, request_row, uuid4(), "one", alice, AT)
    notes.edit_note(session, request_row, note, "two", bob, LATER, seen=1)
    notes.edit_note(session, request_row, note, "three", alice, LATER, seen=2)

    found = notes.versions_of(session, note)

    said = [(each.version.number, each.version.text, each.by) for each in found]
    assert said == [
        (3, "three", "Alice Abbott"),
        (2, "two", "Bob Baker"),
        (1, "one", "Alice Abbott"),
    ]
    (shown,) = notes.notes_of(session, request_row)
    assert (shown.newest.text, shown.author, shown.editor) == (
        "three",
        "Alice Abbott",
        "Alice Abbott",
    )


def test_the_second_editor_is_told_of_the_first(session, request_row, alice, bob):
    note = notes.add_note(session, request_row, uuid4(), "one", alice, AT)
    notes.edit_note(session, request_row, note, "two", bob, LATER, seen=1)

    with pytest.raises(OvertakenError, match="Bob Baker was first: edited the note, 2026-11-21"):
        notes.edit_note(session, request_row, note, "mine", alice, LATER, seen=1)
    assert note.version == 2


def test_the_same_text_again_is_no_edit(session, request_row, alice, bob):
    note = notes.add_note(session, request_row, uuid4(), "one", alice, AT)

    notes.edit_note(session, request_row, note, "one ", bob, LATER, seen=1)

    assert (note.version, len(proofs(session))) == (1, 1)


def test_a_removed_note_stays_readable_and_closed(session, request_row, alice, bob):
    note = notes.add_note(session, request_row, uuid4(), "oops", alice, AT)
    notes.remove_note(session, request_row, note, bob, LATER)
    notes.remove_note(session, request_row, note, alice, LATER + timedelta(hours=1))

    assert (note.removed_at, note.removed_by_id) == (LATER, bob.id)
    assert notes.versions_of(session, note)[0].version.text == "oops"
    assert proofs(session) == ["note.added", "note.removed"]
    with pytest.raises(UserError, match="removed meanwhile"):
        notes.edit_note(session, request_row, note, "more", alice, LATER, seen=1)


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\u202e"])
def test_an_empty_note_is_refused(session, request_row, alice, text):
    with pytest.raises(UserError, match="Write something first"):
        notes.add_note(session, request_row, uuid4(), text, alice, AT)


def test_d13_a_note_has_ten_thousand_characters(session, request_row, alice):
    notes.add_note(session, request_row, uuid4(), "é" * 10_000, alice, AT)

    with pytest.raises(UserError, match=r"at most 10,000 characters, and this one has 100,000"):
        notes.add_note(session, request_row, uuid4(), "x" * 100_000, alice, AT)


def test_trail_binds_a_text_without_telling_it(session, request_row, alice):
    note = notes.add_note(session, request_row, uuid4(), "canary-4711", alice, AT)
    session.flush()

    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == note.id)).one()
    version = session.scalars(select(NoteVersion)).one()
    assert json.loads(entry.facts)["digest"] == notes.digest_of(version)
    assert entry.request_id == request_row.id
    everything = [repr(vars(row)) for row in session.scalars(select(AuditEntry))]
    everything += [str(row.facts) for row in session.scalars(select(RequestEvent))]
    assert not [text for text in everything if "canary" in text]


def test_history_tells_of_each_step(session, request_row, alice):
    note = notes.add_note(session, request_row, uuid4(), "one", alice, AT)
    notes.edit_note(session, request_row, note, "two", alice, LATER, seen=1)
    notes.remove_note(session, request_row, note, alice, LATER)

    kinds = {event.kind for event in request_row.events}
    assert kinds >= {EventKind.NOTE_ADDED, EventKind.NOTE_EDITED, EventKind.NOTE_REMOVED}
    assert request_row.version == 1


def test_many_notes_cost_two_statements(session, request_row, alice, services):
    for number in range(6):
        notes.add_note(session, request_row, uuid4(), f"note {number}", alice, AT)
    session.flush()

    with statements(services.engine) as asked:
        found = notes.notes_of(session, request_row)

    assert (len(found), len(asked)) == (6, 2)


class TestFiles:
    def test_a_note_takes_what_was_offered(self, session, request_row, alice, store):
        uploads = [Upload("letter.pdf", PDF), Upload("call.txt", TEXT)]
        note = write(session, request_row, alice, store, uploads)

        files = attachments.files_of(session, [note.id])[note.id]
        assert [(f.name, f.size, f.number) for f in files] == [
            ("letter.pdf", len(PDF), 1),
            ("call.txt", len(TEXT), 2),
        ]
        assert store.get(files[0].object_key) == PDF
        assert files[0].object_key.startswith(f"note/{request_row.business_id}/")
        assert store.tags(files[0].object_key) == {"kind": "note"}
        assert proofs(session) == ["note.added", "attachment.added", "attachment.added"]

    def test_the_same_form_again_finds_its_files(self, session, request_row, alice, store):
        uploads, note_id = [Upload("letter.pdf", PDF)], uuid4()
        for _ in range(2):
            write(session, request_row, alice, store, uploads, note_id)

        assert session.scalar(select(func.count()).select_from(NoteAttachment)) == 1

    def test_six_files_are_too_many(self, session, request_row, alice):
        uploads = [Upload("a.txt", TEXT)] * 6

        with pytest.raises(UserError, match="5 files at most"):
            attachments.offer_files(session, request_row, uuid4(), uploads, alice, AT)

    def test_what_was_given_up_is_not_taken(self, session, request_row, alice, store):
        note_id, uploads = uuid4(), [Upload("letter.pdf", PDF)]
        files = attachments.offer_files(session, request_row, note_id, uploads, alice, AT)
        attachments.give_up_abandoned(session, at=AT + timedelta(hours=2), limit=9)
        session.flush()

        with pytest.raises(UserError, match="took too long"):
            notes.add_note(session, request_row, note_id, "x", alice, AT, files=files)
        session.rollback()
        assert not session.scalars(select(ComplianceNote)).all()

    def test_only_what_is_old_and_nobody_has_is_given_up(self, session, request_row, alice, store):
        write(session, request_row, alice, store, [Upload("kept.pdf", PDF)])
        offered = attachments.offer_files(
            session, request_row, uuid4(), [Upload("lost.pdf", PDF)], alice, AT
        )
        hour = AT + timedelta(hours=1)

        young = attachments.give_up_abandoned(session, at=hour, limit=9)
        old = attachments.give_up_abandoned(session, at=hour + timedelta(seconds=1), limit=9)

        assert (list(young), list(old)) == ([], [offered[0].id])

    def test_a_file_of_another_note_is_not_found(self, session, request_row, alice, store):
        one = write(session, request_row, alice, store, [Upload("a.pdf", PDF)])
        other = write(session, request_row, alice, store, [])
        (file,) = attachments.files_of(session, [one.id])[one.id]

        with pytest.raises(NotFoundError):
            attachments.find_attachment(session, other, file.id)


def write(session, request_row, user, store, uploads, note_id=None):
    note_id = note_id or uuid4()
    files = attachments.offer_files(session, request_row, note_id, uploads, user, AT)
    attachments.put_files(store, files, uploads)
    return notes.add_note(session, request_row, note_id, "see file", user, AT, files=files)


def proofs(session) -> list[str]:
    session.flush()
    query = select(AuditEntry.action).order_by(AuditEntry.sequence)
    return [action for action in session.scalars(query) if action.startswith(("note", "attach"))]


@pytest.fixture
def code(session):
    return make_code(session, make_business(session))


@pytest.fixture
def request_row(session, code):
    return make_request(session, code)


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


@pytest.fixture
def bob(session):
    return make_user(session, "Bob Baker")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")
