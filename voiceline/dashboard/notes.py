"""Compliance notes on a request: written, edited, removed, read with all they ever said.

A form with files is one multipart form, which works without JavaScript. Files are judged by their
content and given out as downloads that no browser opens by itself.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID, uuid4

from flask import Blueprint, Response, redirect, render_template, request, url_for

from voiceline import attachments
from voiceline import notes as verbs
from voiceline.attachments import MOST_FILES, Upload
from voiceline.casework import find_request
from voiceline.dashboard.context import now, services, transaction, user
from voiceline.dashboard.gate import check_may_read_notes
from voiceline.errors import NotFoundError, OvertakenError, TemporaryFailure, UserError
from voiceline.rules.attachments import ACCEPTED, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session
    from werkzeug.exceptions import RequestEntityTooLarge

    from voiceline.models import ComplianceNote, PrivacyRequest

blueprint = Blueprint(
    "notes", __name__, url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>/notes"
)

blueprint.before_request(check_may_read_notes)

MEGABYTE = 2**20
LARGEST_TEXT = 512 * 1024
"""Bytes of a form's text: what is too long is refused in words, with what was typed."""

WITH_FILES = "notes.write_note"
WITH_TEXT = frozenset({WITH_FILES, "notes.edit_note"})


def set_up(app: Flask) -> None:
    """Let these forms alone be larger than others; before anything reads them."""
    app.before_request(allow_size)
    endings = ",".join(ending for kind in TYPES for ending in kind.extensions)
    app.jinja_env.globals.update(
        ACCEPTED_FILES=ACCEPTED,
        ACCEPTED_ENDINGS=endings,
        MOST_FILES=MOST_FILES,
        LONGEST_NOTE=verbs.LONGEST_NOTE,
        files_megabytes=services_megabytes,
        new_note_id=uuid4,
    )


def allow_size() -> None:
    """Say how large the form may be, where it is one of ours."""
    if request.endpoint in WITH_TEXT:
        request.max_form_memory_size = LARGEST_TEXT
        request.max_content_length = LARGEST_TEXT
    if request.endpoint == WITH_FILES:
        request.max_content_length = LARGEST_TEXT + services_megabytes() * MEGABYTE


def services_megabytes() -> int:
    """Answer how much the files of one note may hold together."""
    return services().settings.attachments_megabytes


@blueprint.post("")
def write_note(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Keep a note with its files: all of it or nothing."""
    text, form = request.form.get("text", ""), _form_id()
    try:
        uploads = _uploads()
        note_id = verbs.note_id_of(form, text, uploads)
        with transaction() as session:
            found = find_request(session, business_id, request_id)
            files = attachments.offer_files(session, found, note_id, uploads, user(), now())
        attachments.put_files(services().store, files, uploads)
        with transaction() as session:
            found = find_request(session, business_id, request_id)
            verbs.add_note(session, found, note_id, text, user(), now(), files=files)
    except NotFoundError:
        raise
    except (UserError, TemporaryFailure) as error:
        return _form_again(business_id, request_id, form, error)
    return _to_request(business_id, request_id)


@blueprint.get("/<uuid:note_id>")
def show_note(business_id: UUID, request_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Show the note with every text it had, and the form to edit it."""
    return _page(business_id, request_id, note_id)


@blueprint.post("/<uuid:note_id>")
def edit_note(business_id: UUID, request_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Give the note another text; the one before stays readable."""
    text = request.form.get("text", "")
    try:
        seen = _seen()
        with transaction() as session:
            found, note = _find(session, business_id, request_id, note_id)
            verbs.edit_note(session, found, note, text, user(), now(), seen=seen)
    except NotFoundError:
        raise
    except UserError as error:
        code = 409 if isinstance(error, OvertakenError) else 400
        return _page(business_id, request_id, note_id, problem=error, typed=text), code
    return _to_request(business_id, request_id)


@blueprint.post("/<uuid:note_id>/remove")
def remove_note(business_id: UUID, request_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Hide the note; its history stays."""
    with transaction() as session:
        found, note = _find(session, business_id, request_id, note_id)
        verbs.remove_note(session, found, note, user(), now())
    return _to_request(business_id, request_id)


@blueprint.get("/<uuid:note_id>/attachments/<uuid:attachment_id>")
def send_attachment(
    business_id: UUID, request_id: UUID, note_id: UUID, attachment_id: UUID
) -> ResponseReturnValue:
    """Stream a file into a file; whoever takes it is noted before its first byte."""
    with transaction() as session:
        found, note = _find(session, business_id, request_id, note_id)
        file = attachments.find_attachment(session, note, attachment_id)
    headers = {
        "Content-Disposition": disposition(file.name),
        "Content-Length": str(file.size),
    }
    if request.method == "HEAD":
        return Response(headers=headers, content_type=file.content_type)
    pieces = _opened(lambda: services().store.stream(file.object_key, 0, file.size - 1))
    with transaction() as session:
        attachments.note_taken(session, found, file, user(), now())
    return Response(pieces, headers=headers, content_type=file.content_type)


@blueprint.errorhandler(413)
def show_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how much a note may hold."""
    words = {
        "what": "That is too much for one note",
        "why": f"Its text may have {verbs.LONGEST_NOTE:,} characters, and its files "
        f"{services_megabytes()} MB together.",
        "next": "Nothing was kept. Go back and send it in several notes, or shorten it.",
    }
    return render_template("error.html", code=413, words=words), 413


def disposition(name: str) -> str:
    """Answer the header that saves the file under that name (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _opened(open_file: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """Answer the pieces with the first in hand: nobody is noted for what cannot be had."""
    pieces = open_file()
    return chain([next(iter(pieces), b"")], pieces)


def _find(
    session: Session, business_id: UUID, request_id: UUID, note_id: UUID
) -> tuple[PrivacyRequest, ComplianceNote]:
    found = find_request(session, business_id, request_id)
    return found, verbs.find_note(session, found, note_id)


def _page(
    business_id: UUID,
    request_id: UUID,
    note_id: UUID,
    *,
    problem: UserError | None = None,
    typed: str | None = None,
) -> str:
    with transaction() as session:
        found, note = _find(session, business_id, request_id, note_id)
        facts: dict[str, Any] = {
            "request_shown": found,
            "note": note,
            "versions": verbs.versions_of(session, note),
            "files": attachments.files_of(session, [note.id]).get(note.id, []),
        }
    return render_template("note.html", problem=problem, typed=typed, **facts)


def _form_again(
    business_id: UUID, request_id: UUID, form: UUID, error: UserError | TemporaryFailure
) -> ResponseReturnValue:
    """Show the form with what was typed; files must be chosen again, browsers want it so."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
    passing = isinstance(error, TemporaryFailure)
    words = "The files could not be stored just now. Nothing was kept: try again in a minute."
    page = render_template(
        "note_new.html",
        request_shown=found,
        note_id=form,
        typed=request.form.get("text", ""),
        problem=words if passing else error,
        had_files=any(file.filename for file in request.files.getlist("files")),
    )
    return page, 503 if passing else 400


def _uploads() -> list[Upload]:
    chosen = [file for file in request.files.getlist("files") if file.filename]
    found = [Upload(file.filename or "", file.read()) for file in chosen]
    if sum(len(upload.data) for upload in found) > services_megabytes() * MEGABYTE:
        raise UserError(f"The files are too large: together {services_megabytes()} MB at most.")
    return found


def _form_id() -> UUID:
    """Answer the id that the form was made with; without one, the form is not ours."""
    try:
        return UUID(request.form.get("note", ""))
    except ValueError:
        return uuid4()


def _seen() -> int:
    try:
        return int(request.form.get("version", ""))
    except ValueError:
        raise UserError(
            "We cannot tell which text of the note you saw. Look at it again, then edit it."
        ) from None


def _to_request(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    page = url_for("requests.show_request", business_id=business_id, request_id=request_id)
    return redirect(f"{page}#notes", code=303)
