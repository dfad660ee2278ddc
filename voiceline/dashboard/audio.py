"""The audio itself: streamed from the object store, one range at a time, and noted as heard."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, jsonify, render_template, request

from voiceline import casework
from voiceline.dashboard.byte_ranges import UnsatisfiableRangeError, read_range
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.waveform import LARGEST_DRAWN, draw_peaks
from voiceline.dashboard.wording import local_date
from voiceline.errors import NotFoundError
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, User, Voicemail

    Note = Callable[[Session, PrivacyRequest, Voicemail, User, datetime], None]

blueprint = Blueprint(
    "audio", __name__, url_prefix="/businesses/<uuid:business_id>/requests/<uuid:request_id>"
)

GONE = frozenset({VoicemailStatus.EXPIRED, VoicemailStatus.ERASED, VoicemailStatus.REPLACED})
PLAYERS = frozenset({None, "audio", "video", "empty", "document"})
"""What a browser may want audio for (Sec-Fetch-Dest); never a script, a frame or an image."""


@blueprint.get("/audio.wav", defaults={"voicemail_id": None})
@blueprint.get("/voicemails/<uuid:voicemail_id>/audio.wav")
def play(business_id: UUID, request_id: UUID, voicemail_id: UUID | None) -> ResponseReturnValue:
    """Stream a message to a player."""
    if request.headers.get("Sec-Fetch-Dest") not in PLAYERS:
        abort(403)
    filed, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status in GONE:
        return _gone(filed, voicemail)
    return _stream(filed, voicemail, disposition="inline", note=casework.note_listened)


@blueprint.get("/download", defaults={"voicemail_id": None})
@blueprint.get("/voicemails/<uuid:voicemail_id>/download")
def download(business_id: UUID, request_id: UUID, voicemail_id: UUID | None) -> ResponseReturnValue:
    """Stream a message into a file."""
    filed, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status in GONE:
        return _gone(filed, voicemail)
    name = f'attachment; filename="{file_name(filed, voicemail, business().time_zone)}"'
    return _stream(filed, voicemail, disposition=name, note=casework.note_downloaded)


@blueprint.get("/voicemails/<uuid:voicemail_id>/waveform.json")
def show_waveform(business_id: UUID, request_id: UUID, voicemail_id: UUID) -> ResponseReturnValue:
    """Answer the outline of a message: how loud, not what."""
    _, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status != VoicemailStatus.STORED or not voicemail.object_key:
        raise NotFoundError("no audio")
    small = (voicemail.size or 0) <= LARGEST_DRAWN
    peaks = draw_peaks(services().store.get(voicemail.object_key)) if small else []
    return jsonify(peaks=peaks, seconds=(voicemail.duration_ms or 0) / 1000)


def file_name(filed: PrivacyRequest, voicemail: Voicemail, zone: str) -> str:
    """Name a downloaded message: the reference and the business's date of the call."""
    return f"VL-{grouped(filed.reference)}_{local_date(voicemail.recorded_at, zone)}.wav"


def _find(
    business_id: UUID, request_id: UUID, voicemail_id: UUID | None
) -> tuple[PrivacyRequest, Voicemail]:
    with transaction() as session:
        filed = casework.find_request(session, business_id, request_id)
        return filed, casework.find_message(session, filed, voicemail_id).voicemail


def _gone(filed: PrivacyRequest, voicemail: Voicemail) -> ResponseReturnValue:
    return render_template("gone.html", request_shown=filed, voicemail=voicemail), 410


def _stream(
    filed: PrivacyRequest, voicemail: Voicemail, *, disposition: str, note: Note
) -> Response:
    if voicemail.status != VoicemailStatus.STORED or not voicemail.object_key:
        raise NotFoundError("no audio yet")
    size = voicemail.size or services().store.size(voicemail.object_key)
    headers = _headers(voicemail, size, disposition)
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers, mimetype="audio/wav")
    try:
        wanted = read_range(_range_header(headers["ETag"]), size)
    except UnsatisfiableRangeError:
        headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        return Response(status=416, headers=headers, mimetype="audio/wav")
    start, end = wanted or (0, size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status=status, headers=headers, mimetype="audio/wav")
    pieces = _opened(voicemail.object_key, start, end)
    with transaction() as session:
        note(session, session.merge(filed, load=False), voicemail, user(), now())
    return Response(pieces, status=status, headers=headers, mimetype="audio/wav")


def _opened(key: str, start: int, end: int) -> Iterator[bytes]:
    """Answer the pieces with the first one in hand: no message is noted as heard that is not."""
    pieces = services().store.stream(key, start, end)
    return chain([next(iter(pieces), b"")], pieces)


def _headers(voicemail: Voicemail, size: int, disposition: str) -> dict[str, str]:
    return {
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition,
        "Content-Length": str(size),
        "ETag": f'"{voicemail.sha256}"',
    }


def _range_header(etag: str) -> str | None:
    """Answer the Range header, unless it continues another version of the message."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    return request.headers.get("Range")
