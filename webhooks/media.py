"""Sound the carrier plays to a caller: a greeting, and the caller's own message.

Neither needs a signature: a greeting's address is the hash of its bytes, and a take's is sealed
for one call and one hour. Both answer HEAD, which some carriers send first.
"""

from __future__ import annotations

import io
import wave
from pathlib import Path

import structlog
from flask import Blueprint, Response, abort, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

import voiceline
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Call, GreetingAudio, Voicemail
from voiceline.wav import SAMPLE_BYTES, TELEPHONE_RATE
from webhooks.line import line

bp = Blueprint("media", __name__)
log = structlog.get_logger()

AUDIO = Path(voiceline.__file__).parent / "audio"
TAKE_SECONDS = 3600
FOR_EVER = "public, max-age=31536000, immutable"


@bp.get("/media/greetings/<string(length=64):sha256>.wav", provide_automatic_options=False)
def greeting(sha256: str) -> Response:
    """Answer a greeting's WAV; its address changes when it does, so it may be kept for ever."""
    try:
        with line().transaction() as session:
            found = session.get(GreetingAudio, sha256)
    except SQLAlchemyError as error:
        log.warning("greeting.not_played", error=error)
        return _wav(_quiet(), "no-store")
    if found is None:
        abort(404)
    return _wav(found.data, FOR_EVER)


@bp.get("/media/canary/<any(en,es):language>.wav", provide_automatic_options=False)
def canary(language: str) -> Response:
    """Answer the sentence that a canary call speaks."""
    return _wav((AUDIO / f"canary_{language}.wav").read_bytes(), FOR_EVER)


@bp.get("/media/takes/<token>.wav", provide_automatic_options=False)
def take(token: str) -> Response:
    """Answer what the caller just recorded, from the carrier, which still has it.

    Where it cannot be had just now the caller hears a moment of silence: a carrier that cannot
    play ends the call, or asks for the whole message again, and the message is safe.
    """
    try:
        call_id, number = _serializer().loads(token, max_age=TAKE_SECONDS)
    except BadData:
        abort(404)
    try:
        carrier_id = _find_take(call_id, number)
        if carrier_id is None or (source := line().recordings) is None:
            abort(404)
        return _wav(source.fetch(carrier_id), "no-store")
    except (TemporaryFailure, PermanentFailure, SQLAlchemyError) as failure:
        log.warning("take.not_played", call=call_id, error=failure)
        return _wav(_quiet(), "no-store")


def take_url(call_id: str, number: int) -> str:
    """Answer the sealed address of a take."""
    token = _serializer().dumps([call_id, number])
    return f"{line().settings.telephone_url}/media/takes/{token}.wav"


def _find_take(call_id: str, number: int) -> str | None:
    take = (
        select(Voicemail.carrier_id)
        .join(Call)
        .where(Call.carrier_id == call_id, Voicemail.take == number)
    )
    with line().transaction() as session:
        return session.scalar(take)


def _quiet() -> bytes:
    """Answer half a second of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(SAMPLE_BYTES)
        file.setframerate(TELEPHONE_RATE)
        file.writeframes(bytes(TELEPHONE_RATE * SAMPLE_BYTES // 2))
    return out.getvalue()


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(line().settings.secret_key.get_secret_value(), salt="take")


def _wav(data: bytes, keep: str) -> Response:
    answer = Response(data if request.method == "GET" else b"", mimetype="audio/x-wav")
    answer.headers["Cache-Control"] = keep
    answer.headers["Content-Length"] = str(len(data))
    return answer
