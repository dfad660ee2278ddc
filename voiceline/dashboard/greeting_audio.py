"""A greeting's sound: taken from a browser's microphone or a file, and played to colleagues.

What is handed in never leaves the memory of one request: what is kept and played is ours.
"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from flask import Response, abort, render_template, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import TooManyRequests

from voiceline import greetings as verbs
from voiceline.audit import staff
from voiceline.dashboard.byte_ranges import UnsatisfiableRangeError, read_range
from voiceline.dashboard.context import now, secret, transaction, user
from voiceline.dashboard.error_pages import Words
from voiceline.dashboard.greetings import ONE, blueprint, page, to_page
from voiceline.errors import NotFoundError, TemporaryFailure, UserError
from voiceline.limits import limit_key, take
from voiceline.models import GreetingForm
from voiceline.sound.loudness import Doubt
from voiceline.sound.reading import LARGEST_FILE, read_greeting

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session
    from werkzeug.exceptions import RequestEntityTooLarge

UPLOAD = "greetings.upload"
OTHER_FIELDS = 64 * 1024
"""Bytes that a form may have besides its file."""

UPLOADS = 10
UPLOADS_WINDOW = timedelta(minutes=10)
"""What a business may hand in: each is decoded, which costs."""

ASKING = timedelta(hours=1)
"""How long somebody may think about sound in which nothing is heard."""

PLAYERS = frozenset({None, "audio", "video", "empty", "document"})
"""What a browser may want audio for (Sec-Fetch-Dest); never a script, a frame or an image."""

BUSY = "Other greetings are being read just now. Nothing was kept: try again in a minute."
TOO_LARGE = Words(
    "That file is too large",
    "A greeting's file may have 10 MB: that is two minutes even in the best quality.",
    "Nothing was kept. Go back, save it as MP3 or shorten it, and try again.",
)
TOO_OFTEN = Words(
    "That is a lot of greetings",
    f"A business may hand in {UPLOADS} recordings or files within 10 minutes.",
    "Nothing was lost that callers hear. Wait a few minutes, then try again.",
)


def set_up(app: Flask) -> None:
    """Let this one form be as large as a file may be; before anything reads it."""
    app.before_request(allow_size)


def allow_size() -> None:
    """Say how large the form may be, where it is ours."""
    if request.endpoint == UPLOAD:
        request.max_content_length = LARGEST_FILE + OTHER_FIELDS
        request.max_form_memory_size = 4 * OTHER_FIELDS  # Werkzeug reads files by these, too
        # Werkzeug would write it to the disk, and leave it there for a while if it broke off
        request._get_file_stream = lambda *_, **__: BytesIO()  # type: ignore[method-assign]  # noqa: SLF001


@blueprint.post(f"{ONE}/audio")
def upload(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Take a recording or a file; callers hear it from the next call on."""
    with transaction() as session:
        verbs.find_code_of(session, business_id, code_id)
        _count(session, business_id)
    file = request.files.get("file")
    try:
        heard = read_greeting(_chosen(file.read() if file else b"", file.filename if file else ""))
    except TemporaryFailure:
        shown = page(business_id, code_id, language, problem=BUSY)
        return shown, 503, {"Retry-After": "60"}
    except UserError as error:
        return page(business_id, code_id, language, problem=str(error)), 400
    recorded = request.form.get("form") == GreetingForm.RECORDED
    form = GreetingForm.RECORDED if recorded else GreetingForm.UPLOADED
    if Doubt.SILENT in heard.doubts:
        with transaction() as session:
            digest = verbs.keep_audio(session, heard.wav, now())
        asking = _serializer().dumps([str(code_id), language, form, digest])
        return page(business_id, code_id, language, asking=asking), 409
    doubts = ".".join(sorted(heard.doubts)) or None
    return _set(business_id, code_id, language, heard.wav, form, doubts=doubts)


@blueprint.post(f"{ONE}/keep")
def keep_silence(business_id: UUID, code_id: UUID, language: str) -> ResponseReturnValue:
    """Use sound in which we heard nothing; whoever handed it in was asked."""
    with transaction() as session:
        verbs.find_code_of(session, business_id, code_id)
    try:
        token, age = request.form.get("asking", ""), ASKING.total_seconds()
        code, spoken, form, digest = _serializer().loads(token, max_age=int(age))
    except (BadData, ValueError):
        abort(400)
    if (code, spoken) != (str(code_id), language):
        abort(400)
    with transaction() as session:
        audio = verbs.audio_of(session, digest)
    return _set(business_id, code_id, language, audio, GreetingForm(form))


@blueprint.get(f"{ONE}/versions/<int(max=999999):number>/audio.wav")
def play(business_id: UUID, code_id: UUID, language: str, number: int) -> ResponseReturnValue:
    """Answer a version's sound as callers hear it, in whole or in part."""
    if request.headers.get("Sec-Fetch-Dest") not in PLAYERS:
        abort(403)
    with transaction() as session:
        code = verbs.find_code_of(session, business_id, code_id)
        found = verbs.find_version(session, code, language, number)
        if found.audio_sha256 is None:
            raise NotFoundError("this version is no sound")
        data = verbs.audio_of(session, found.audio_sha256)
    return _part_of(data, f'"{found.audio_sha256}"')


@blueprint.errorhandler(413)
def show_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a greeting's file may be."""
    return render_template("error.html", code=413, words=TOO_LARGE), 413


@blueprint.errorhandler(429)
def show_too_often(error: TooManyRequests) -> ResponseReturnValue:
    """Say how many a business may hand in."""
    shown = render_template("error.html", code=429, words=TOO_OFTEN)
    return shown, 429, {"Retry-After": str(error.retry_after)}


def _set(
    business_id: UUID,
    code_id: UUID,
    language: str,
    audio: bytes,
    form: GreetingForm,
    *,
    doubts: str | None = None,
) -> ResponseReturnValue:
    with transaction() as session:
        code = verbs.find_code_of(session, business_id, code_id)
        made = verbs.set_greeting(
            session, code, language=language, audio=audio, form=form, by=staff(user()), at=now()
        )
    return to_page(made, doubts)


def _chosen(data: bytes, name: str | None) -> bytes:
    if not data and not name:
        raise UserError("No file was chosen: choose one, or record your greeting.")
    return data


def _count(session: Session, business_id: UUID) -> None:
    key = limit_key("greeting-upload", str(business_id), secret())
    if not take(session, key=key, allowance=UPLOADS, window=UPLOADS_WINDOW, at=now()):
        raise TooManyRequests(retry_after=int(UPLOADS_WINDOW.total_seconds()))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret(), salt="silent-greeting")


def _part_of(data: bytes, etag: str) -> Response:
    """Answer the range that a player asks for (RFC 9110 section 14)."""
    headers = {"Accept-Ranges": "bytes", "Content-Disposition": "inline", "ETag": etag}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers, mimetype="audio/wav")
    continued = request.headers.get("If-Range", etag) == etag
    asked = request.headers.get("Range") if continued else None
    try:
        wanted = read_range(asked, len(data))
    except UnsatisfiableRangeError:
        headers["Content-Range"] = f"bytes */{len(data)}"
        return Response(status=416, headers=headers, mimetype="audio/wav")
    start, end = wanted or (0, len(data) - 1)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    status = 206 if wanted else 200
    return Response(data[start : end + 1], status=status, headers=headers, mimetype="audio/wav")
