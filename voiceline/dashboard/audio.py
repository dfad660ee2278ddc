"""The audio itself: streamed from the object store, one range at a time, and noted as heard."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, render_template, request

from voiceline import casework
from voiceline.dashboard.byte_ranges import UnsatisfiableRangeError, read_range
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.granted import grant
from voiceline.dashboard.wording import local_date
from voiceline.errors import NotFoundError
from voiceline.rules.lifecycle import DerivedStatus, VoicemailStatus
from voiceline.rules.references import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import AccessGrant, PrivacyRequest, User, Voicemail

    Note = Callable[[Session, PrivacyRequest, Voicemail, User, datetime, AccessGrant | None], None]


@dataclass(frozen=True)
class Sound:
    """What is streamed: the message as it was stored, or its MP3."""

    key: str
    size: int
    sha256: str
    mimetype: str


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
    _check_asker()
    filed, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status in GONE:
        return _gone(filed, voicemail)
    return _stream(filed, voicemail, _wav_of(voicemail), note=casework.note_listened)


@blueprint.get("/voicemails/<uuid:voicemail_id>/audio.mp3")
def play_mp3(business_id: UUID, request_id: UUID, voicemail_id: UUID) -> ResponseReturnValue:
    """Stream what was made of a message for browsers; to hear it is to hear the message."""
    _check_asker()
    filed, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status in GONE:
        return _gone(filed, voicemail)
    return _stream(filed, voicemail, _mp3_of(voicemail), note=casework.note_listened)


@blueprint.get("/download", defaults={"voicemail_id": None})
@blueprint.get("/voicemails/<uuid:voicemail_id>/download")
def download(business_id: UUID, request_id: UUID, voicemail_id: UUID | None) -> ResponseReturnValue:
    """Stream a message into a file."""
    _check_site()
    filed, voicemail = _find(business_id, request_id, voicemail_id)
    if voicemail.status in GONE:
        return _gone(filed, voicemail)
    name = f'attachment; filename="{file_name(filed, voicemail, business().time_zone)}"'
    sound, note = _wav_of(voicemail), casework.note_downloaded
    return _stream(filed, voicemail, sound, note=note, disposition=name)


def file_name(filed: PrivacyRequest, voicemail: Voicemail, zone: str) -> str:
    """Name a downloaded message: the reference and the business's date of the call."""
    return f"VL-{grouped(filed.reference)}_{local_date(voicemail.recorded_at, zone)}.wav"


def _check_asker() -> None:
    """Refuse what no player of ours asks for: whoever is sent sound is noted as having heard it."""
    _check_site()
    if request.headers.get("Sec-Fetch-Dest") not in PLAYERS:
        abort(403)


def _check_site() -> None:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def _find(
    business_id: UUID, request_id: UUID, voicemail_id: UUID | None
) -> tuple[PrivacyRequest, Voicemail]:
    with transaction() as session:
        filed = casework.find_request(session, business_id, request_id)
        return filed, casework.find_message(session, filed, voicemail_id).voicemail


def _gone(filed: PrivacyRequest, voicemail: Voicemail) -> ResponseReturnValue:
    return render_template("gone.html", request_shown=filed, voicemail=voicemail), 410


def _wav_of(voicemail: Voicemail) -> Sound:
    if voicemail.status != VoicemailStatus.STORED or not voicemail.object_key:
        raise NotFoundError("no audio yet")
    size = voicemail.size or services().store.size(voicemail.object_key)
    return Sound(voicemail.object_key, size, voicemail.sha256 or "", "audio/wav")


def _mp3_of(voicemail: Voicemail) -> Sound:
    made = voicemail.derived
    if made is None or made.status != DerivedStatus.MADE:
        raise NotFoundError("no MP3 yet: play the WAV")
    return Sound(made.object_key or "", made.size or 0, made.sha256 or "", "audio/mpeg")


def _stream(
    filed: PrivacyRequest,
    voicemail: Voicemail,
    sound: Sound,
    *,
    note: Note,
    disposition: str = "inline",
) -> Response:
    headers = _headers(sound, disposition)
    if headers["ETag"] in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers, mimetype=sound.mimetype)
    try:
        wanted = read_range(_range_header(headers["ETag"]), sound.size)
    except UnsatisfiableRangeError:
        headers |= {"Content-Range": f"bytes */{sound.size}", "Content-Length": "0"}
        return Response(status=416, headers=headers, mimetype=sound.mimetype)
    start, end = wanted or (0, sound.size - 1)
    headers["Content-Length"] = str(end - start + 1)
    if wanted:
        headers["Content-Range"] = f"bytes {start}-{end}/{sound.size}"
        if end - start + 1 < sound.size:
            note = casework.note_listened  # a piece is no copy that stays
    status = 206 if wanted else 200
    if request.method == "HEAD":
        return Response(status=status, headers=headers, mimetype=sound.mimetype)
    pieces = _opened(sound.key, start, end)
    with transaction() as session:
        note(session, session.merge(filed, load=False), voicemail, user(), now(), grant())
    return Response(pieces, status=status, headers=headers, mimetype=sound.mimetype)


def _opened(key: str, start: int, end: int) -> Iterator[bytes]:
    """Answer the pieces with the first one in hand: no message is noted as heard that is not."""
    pieces = services().store.stream(key, start, end)
    return chain([next(iter(pieces), b"")], pieces)


def _headers(sound: Sound, disposition: str) -> dict[str, str]:
    return {
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition,
        "Content-Length": str(sound.size),
        "ETag": f'"{sound.sha256}"',
    }


def _range_header(etag: str) -> str | None:
    """Answer the Range header, unless it continues another version of the message."""
    if request.headers.get("If-Range", etag) != etag:
        return None
    return request.headers.get("Range")
