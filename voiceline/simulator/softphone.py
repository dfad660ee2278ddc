"""A telephone in the browser: its page, and what the page says to the line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request

from .caller import WITHHELD
from .rest import carrier

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from .sessions import Session, Sessions

LONGEST_POLL = 2.0
"""Seconds that a question for events may stay open; shorter than a page may be silent."""
LARGEST_PIECE = 1024 * 1024
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Permissions-Policy": "microphone=(self)",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

softphone = Blueprint("softphone", __name__)


def sessions() -> Sessions:
    """Answer the running app's calls."""
    found: Sessions = current_app.extensions["sessions"]
    return found


@softphone.after_request
def add_headers(answer: Response) -> Response:
    """Let the page load nothing from elsewhere, and no other page show it."""
    answer.headers.update(HEADERS)
    return answer


@softphone.get("/")
def show_page() -> ResponseReturnValue:
    """Show the telephone."""
    return render_template("softphone.html", numbers=carrier().numbers(), withheld=WITHHELD)


@softphone.post("/softphone/calls")
def start_call() -> ResponseReturnValue:
    """Begin a call; body `to` and `from`, both in E.164, or `from` withheld."""
    wanted = _json()
    to, caller = str(wanted.get("to", "")), str(wanted.get("from", ""))
    if not NUMBER.fullmatch(to):
        return jsonify(error="The number to call must look like +18005550199."), 400
    if caller != WITHHELD and not NUMBER.fullmatch(caller):
        return jsonify(error="Your own number must look like +14155550123."), 400
    return jsonify(id=sessions().start(caller, to).id), 201


@softphone.get("/softphone/calls/<session_id>/events")
def show_events(session_id: str) -> ResponseReturnValue:
    """Answer the events from number `after` on; waits a moment when there are none."""
    after = request.args.get("after", "0")
    if not after.isdecimal():
        abort(400)
    return jsonify(events=_session(session_id).events_after(int(after), LONGEST_POLL))


@softphone.post("/softphone/calls/<session_id>/keys")
def press_key(session_id: str) -> ResponseReturnValue:
    """Press the key in the body's `key`; answers whether anybody was waiting for one."""
    key = _json().get("key")
    if not isinstance(key, str) or not re.fullmatch("[0-9*#]", key):
        return jsonify(error="A key is one of 0-9, * and #."), 400
    return jsonify(heard=_session(session_id).person.press(key))


@softphone.post("/softphone/calls/<session_id>/voice")
def take_voice(session_id: str) -> ResponseReturnValue:
    """Take a piece of the microphone's sound: 16-bit little-endian PCM, 8 kHz, mono."""
    if request.mimetype != "application/octet-stream":
        abort(415)
    request.max_content_length = LARGEST_PIECE
    piece = request.args.get("piece", "")
    if not piece.isdecimal():
        abort(400)
    _session(session_id).person.voice(request.get_data(), int(piece))
    return "", 204


@softphone.post("/softphone/calls/<session_id>/hangup")
def hang_up(session_id: str) -> ResponseReturnValue:
    """Put the receiver down."""
    _json()
    _session(session_id).person.hang_up()
    return "", 204


@softphone.get("/softphone/calls/<session_id>/clips/<int:number>")
def show_clip(session_id: str, number: int) -> ResponseReturnValue:
    """Answer what the caller hears at that place."""
    clips = _session(session_id).person.clips
    clip = clips[number] if number < len(clips) else None
    if clip is None:
        abort(404)
    return Response(clip, mimetype="audio/wav")


def _session(session_id: str) -> Session:
    session = sessions().find(session_id)
    return session if session is not None else abort(404)


def _json() -> dict[str, Any]:
    written = request.get_json()
    if not isinstance(written, dict):
        abort(400)
    return written
