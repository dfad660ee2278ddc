"""Notes on the page of a request: one form without JavaScript, files that nothing opens."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from documents import PDF, TEXT
from factories import make_member, make_user, unknown_id
from sqlalchemy import func, select
from staff import signed_in, statements

from voiceline import attachments, notes
from voiceline.casework import find_request
from voiceline.errors import TemporaryFailure
from voiceline.models import AuditEntry, ComplianceNote, NoteAttachment, NoteVersion, Role

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


class TestWriting:
    def test_a_note_is_shown_with_its_file(self, alice, world):
        answer = write(alice, world, "Called back.", ("letter.pdf", PDF))

        page = alice.get(world.page).text
        assert answer.status_code == 303
        assert answer.location == f"{world.page}#notes"
        assert "Called back." in page
        assert "letter.pdf" in page
        assert "Note written" in page

    def test_a_form_sent_twice_is_one_note(self, alice, world, services):
        form = form_of(alice, world)
        for _ in range(2):
            write(alice, world, "once", ("letter.pdf", PDF), form=form)

        assert counts(services) == (1, 1)

    def test_a_form_changed_and_sent_again_is_another(self, alice, world, services):
        form = form_of(alice, world)
        tries = [
            ("one", ("a.pdf", PDF)),
            ("two", ("a.pdf", PDF)),
            ("two", ("a.txt", TEXT)),
            ("two", ("b.txt", TEXT)),
        ]

        answers = [write(alice, world, *each, form=form) for each in tries * 2]

        assert {answer.status_code for answer in answers} == {303}
        assert counts(services) == (4, 4)

    def test_d34_a_note_is_text_and_no_page(self, alice, world):
        write(alice, world, "<script>alert(1)</script> [x](javascript:alert(1))")

        page = alice.get(world.page).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert(1)" not in page

    def test_d13_a_long_note_is_refused_and_not_lost(self, alice, world):
        answer = write(alice, world, "x" * 100_000)

        assert answer.status_code == 400
        assert "at most 10,000 characters" in answer.text
        assert "x" * 100_000 in answer.text

    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("letter.pdf", SVG, "none of those that can be attached"),
            ("a.pdf", b"", "A file is empty"),
            ("a.txt", b"MZ\x00\x01", "none of those"),
        ],
    )
    def test_what_is_no_document_is_refused(self, alice, world, services, name, data, words):
        answer = write(alice, world, "see file", (name, data))

        assert answer.status_code == 400
        assert words in answer.text
        assert "see file" in answer.text
        assert "Choose the files again" in answer.text
        assert counts(services) == (0, 0)

    def test_u16_too_much_is_said_in_words(self, alice, world, services):
        answer = write_large(alice, world, 11 * 2**20)

        assert answer.status_code == 413
        assert "files 10 MB together" in answer.text
        assert counts(services) == (0, 0)

    def test_a_little_too_much_is_said_with_the_text_kept(self, alice, world):
        answer = write_large(alice, world, 10 * 2**20 + 1)

        assert answer.status_code == 400
        assert "together 10 MB at most" in answer.text

    def test_other_forms_stay_small(self, alice, world):
        form = {"csrf_token": form_of(alice, world)["csrf_token"], "more": "x" * 100_000}

        answer = alice.post("/sign-out", data=form)

        assert answer.status_code == 413

    def test_a_dead_store_keeps_nothing(self, alice, world, services, monkeypatch):
        def fail(*_args, **_facts):
            raise TemporaryFailure("away")

        form = form_of(alice, world)
        with monkeypatch.context() as patched:
            patched.setattr(type(services.store), "put", fail)
            refused = write(alice, world, "see file", ("a.pdf", PDF), form=form)
        before = counts(services)
        again = write(alice, world, "see file", ("a.pdf", PDF), form=form)

        assert refused.status_code == 503
        assert "could not be stored just now" in refused.text
        assert before == (0, 1)
        assert again.status_code == 303
        assert counts(services) == (1, 1)

    def test_u25_without_its_token_it_is_refused(self, alice, world, services):
        answer = alice.post(f"{world.page}/notes", data={"text": "x"})

        assert answer.status_code == 400
        assert counts(services) == (0, 0)

    @pytest.mark.parametrize("form", [{}, {"note": "x"}, {"note": "", "text": " "}])
    def test_an_incomplete_form_is_a_sentence(self, alice, world, form):
        token = form_of(alice, world)["csrf_token"]

        answer = alice.post(f"{world.page}/notes", data=form | {"csrf_token": token})

        assert answer.status_code == 400
        assert "Write something first" in answer.text


class TestEditing:
    def test_earlier_texts_stay_readable(self, alice, bob, world, clock):
        address = first_note(alice, world, "Called at nine.")
        clock.wait(timedelta(minutes=5))
        form = form_of(bob, world, address)
        bob.post(address, data=form | {"text": "Called at ten.", "version": "1"})

        page = alice.get(address).text
        assert page.index("Called at ten.") < page.index("Called at nine.")
        assert "Bob Baker" in page
        assert "edited by Bob Baker" in alice.get(world.page).text

    def test_the_second_editor_is_told_and_keeps_the_words(self, alice, bob, world):
        address = first_note(alice, world, "one")
        token = form_of(bob, world, address)["csrf_token"]
        for text, code in (("two", 303), ("three", 409)):
            answer = bob.post(address, data={"csrf_token": token, "text": text, "version": "1"})
            assert answer.status_code == code

        assert "Bob Baker was first" in answer.text
        assert ">three</textarea>" in answer.text

    @pytest.mark.parametrize("version", ["", "x", "1e9"])
    def test_an_edit_without_a_version_is_a_sentence(self, alice, world, version):
        address = first_note(alice, world, "one")
        form = form_of(alice, world, address) | {"text": "two", "version": version}

        answer = alice.post(address, data=form)

        assert answer.status_code == 400
        assert "We cannot tell which text" in answer.text

    def test_a_removed_note_is_hidden_and_kept(self, alice, world):
        address = first_note(alice, world, "a slip of the pen")
        form = form_of(alice, world, address)
        alice.post(f"{address}/remove", data=form)

        page = alice.get(world.page).text
        assert "a slip of the pen" not in page
        assert "1 removed note" in page
        assert "Note removed" in page
        kept = alice.get(address).text
        assert "a slip of the pen" in kept
        assert "what it said stays here" in kept
        assert "<textarea" not in kept


class TestFiles:
    def test_a_file_is_a_download_that_nothing_opens(self, alice, world, services):
        address = file_address(alice, world, "Carta número 2.pdf", PDF)

        answer = alice.get(address)

        assert answer.data == PDF
        assert answer.content_type == "application/pdf"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith('attachment; filename="Carta n_mero 2.pdf"')
        assert unquote(disposition.rpartition("''")[2]) == "Carta número 2.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Length"] == str(len(PDF))

    def test_taking_a_file_is_proven_before_its_first_byte(self, alice, world, services):
        address = file_address(alice, world, "a.pdf", PDF)

        answer = alice.get(address, buffered=False)

        assert len(proofs(services, "attachment.downloaded")) == 1
        assert b"".join(answer.response) == PDF

    def test_looking_at_its_size_is_no_taking(self, alice, world, services):
        address = file_address(alice, world, "a.pdf", PDF)

        answer = alice.head(address)

        assert answer.headers["Content-Length"] == str(len(PDF))
        assert proofs(services, "attachment.downloaded") == []

    def test_a_file_whose_object_is_gone_is_not_proven(self, alice, world, services):
        address = file_address(alice, world, "a.pdf", PDF)
        with services.sessions() as session:
            key = session.scalars(select(NoteAttachment.object_key)).one()
        services.store.delete(key)

        answer = alice.get(address)

        assert answer.status_code == 503
        assert proofs(services, "attachment.downloaded") == []

    def test_what_was_only_offered_cannot_be_had(self, alice, world, services, clock):
        address = first_note(alice, world, "one")
        with services.sessions.begin() as session:
            rows = attachments.offer_files(
                session,
                find_request(session, world.acme.id, world.request.id),
                unknown_id(),
                [attachments.Upload("a.txt", TEXT)],
                world.alice,
                clock(),
            )

        answer = alice.get(f"{address}/attachments/{rows[0].id}")

        assert answer.status_code == 404


class TestWhoMay:
    @pytest.mark.parametrize("path", ["", "/remove", "/attachments/{file}"])
    def test_charlie_finds_nothing_of_acme(self, alice, charlie, world, path):
        address = file_address(alice, world, "a.pdf", PDF)
        note, _, file = address.partition("/attachments/")
        target = note + path.format(file=file)
        form = form_of(charlie, world, world.page.replace(*_acme_to_bolt(world)))

        answers = [charlie.get(target), charlie.post(target, data=form | {"text": "x"})]

        assert {answer.status_code for answer in answers} <= {404, 405}

    def test_charlie_cannot_write_on_a_request_of_acme(self, charlie, world, services):
        own = world.page.replace(*_acme_to_bolt(world)).replace(
            str(world.request.id), str(world.foreign.id)
        )
        form = form_of(charlie, world, own)
        mixed = own.replace(str(world.foreign.id), str(world.request.id))

        answer = charlie.post(f"{mixed}/notes", data=form | {"text": "x"})

        assert answer.status_code == 404
        assert counts(services) == (0, 0)

    def test_a_viewer_reads_and_writes_nothing(self, app, alice, world, services):
        address = first_note(alice, world, "for all to read")
        with services.sessions.begin() as session:
            vera = make_user(session, "Vera Vogt")
            make_member(session, session.merge(world.acme), vera, Role.VIEWER)
        viewer = signed_in(app, vera)

        page = viewer.get(world.page).text
        posts = [
            viewer.post(to, data={"csrf_token": form_of(viewer, world)["csrf_token"]})
            for to in (f"{world.page}/notes", address, f"{address}/remove")
        ]

        assert "for all to read" in page
        assert "Keep note" not in page
        assert [answer.status_code for answer in posts] == [403, 403, 403]


def test_notes_cost_the_page_two_statements(alice, world, services):
    for number in range(4):
        write(alice, world, f"note {number}", ("a.pdf", PDF))

    with statements(services.engine) as asked:
        alice.get(world.page)

    about = [one for one in asked if "compliance_note" in one or "note_attachment" in one]
    assert len(about) == 2


def test_notes_are_in_no_letter_and_on_no_page_for_consumers(alice, world, services):
    """Whatever tells a consumer something does not know the tables that notes are in."""
    from source_tree import modules  # noqa: PLC0415 - only here

    words = re.compile(r"voiceline\.notes|voiceline\.attachments|ComplianceNote|NoteVersion")
    outward = ("voiceline.letters", "voiceline.consumer", "jobs.", "webhooks", "voiceline.web_")

    telling = [
        module.name
        for module in modules()
        if module.name.startswith(outward)
        and module.name != "jobs.sweeping"
        and words.search(module.text)
    ]

    assert telling == []


def write(client, world, text, *files, form=None):
    form = form or form_of(client, world)
    chosen = [(io.BytesIO(data), name) for name, data in files]
    data = {"csrf_token": form["csrf_token"], "note": form["note"], "text": text, "files": chosen}
    return client.post(f"{world.page}/notes", data=data, content_type="multipart/form-data")


def write_large(client, world, size):
    """Send a file of that many bytes in one piece: the test client would leave its own one open."""
    fields = form_of(client, world) | {"text": "big"}
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    begin = "".join(part.format(*field) for field in fields.items())
    file = '--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    body = f"{begin}{file}".encode() + b"x" * size + b"\r\n--b--\r\n"
    return client.post(
        f"{world.page}/notes", data=body, content_type="multipart/form-data; boundary=b"
    )


def form_of(client, world, path=None) -> dict[str, str]:
    page = client.get(path or world.page).text
    return dict(re.findall(r'name="(csrf_token|note|version)" value="([^"]*)"', page))


def first_note(client, world, text) -> str:
    write(client, world, text)
    page = client.get(world.page).text
    return re.search(rf'href="({world.page}/notes/[0-9a-f-]+)"', page)[1]


def file_address(client, world, name, data) -> str:
    write(client, world, "see file", (name, data))
    page = client.get(world.page).text
    return re.search(rf'href="({world.page}/notes/[0-9a-f-]+/attachments/[0-9a-f-]+)"', page)[1]


def counts(services) -> tuple[int, int]:
    with services.sessions() as session:
        texts = session.scalar(select(func.count()).select_from(NoteVersion))
        notes_there = session.scalar(select(func.count()).select_from(ComplianceNote))
        files = session.scalar(select(func.count()).select_from(NoteAttachment))
    assert texts == notes_there
    return notes_there, files


def proofs(services, action) -> list[AuditEntry]:
    with services.sessions() as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def _acme_to_bolt(world) -> tuple[str, str]:
    return str(world.acme.id), str(world.bolt.id)


def test_longest_note_fits_its_form(alice, world):
    text = "\N{GRINNING FACE}" * notes.LONGEST_NOTE

    answer = write(alice, world, text)

    assert answer.status_code == 303
