"""Whatever fails inside us, the caller hears words of ours and nothing said is lost."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, HTTPException

from voiceline.rules.rights import KEYS
from voiceline.rules.service_codes import is_service_code
from webhooks import fallback
from webhooks.incoming import event
from webhooks.speaking import silence, speak
from webhooks.twiml import Hangup, say

if TYPE_CHECKING:
    from webhooks.state import CallState

log = structlog.get_logger()

AFTER_RECORDING = frozenset(
    {"/voice/message", "/voice/review", "/voice/receipt", "/voice/fallback/message"}
)
BESIDE_THE_CALL = frozenset({"/voice/recording", "/voice/call-status", "/voice/fallback/recording"})


def set_up_troubles(app: Flask) -> None:
    """Answer every failure in the carrier's terms."""
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(Exception, _go_on)


def _refuse(error: HTTPException) -> Response:
    """Answer a request that is not the carrier's, or not well made, without a word about us."""
    return Response(status=error.code or 500)


def _go_on(error: Exception) -> Response:
    """Keep the call going without the database, or whatever else broke."""
    if "event" not in g:
        log.error("webhook.failed", path=request.path.rsplit("/", 1)[0], error=error)
        return Response(status=503)
    log.error("call.trouble", call=event().call_id, path=request.path, error=error)
    if request.path in BESIDE_THE_CALL:
        return _keep_beside()
    if request.path in AFTER_RECORDING or event().hung_up:
        with suppress(BadRequest):  # a malformed id tells of no recording
            fallback.spool("completed")
    return silence() if event().hung_up else _speak_on()


def _keep_beside() -> Response:
    if request.path == "/voice/call-status":
        return Response(status=204)
    try:
        return fallback.recording()
    except BadRequest as refused:
        return _refuse(refused)


def _speak_on() -> Response:
    """Answer what can be said without knowing anything but the call's own state."""
    state = event().state
    if request.path in AFTER_RECORDING:
        return speak(state, say(state.language, "message_kept"), Hangup())
    if request.path == "/voice/status":
        return speak(state, say(state.language, "status_later"), Hangup())
    return fallback.take_message(_with_what_was_keyed(state))


def _with_what_was_keyed(state: CallState) -> CallState:
    """Keep the code or the right that the failed view did not come to write down."""
    digits = event().digits
    if request.path == "/voice/code" and is_service_code(digits):
        return state.having(code=digits)
    if request.path == "/voice/right" and digits in KEYS:
        return state.having(right=KEYS[digits].value)
    return state
