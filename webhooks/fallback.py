"""When everything else is down: take the message with neither database nor queue.

The carrier comes here by itself when the telephone does not answer, and the telephone's own
views answer the same words when the database is away. What the carrier tells us is written to
the spool and fed in later by `upkeep.replay_spool`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response

from voiceline.carrier_events import SHORTEST
from voiceline.spool import write_event
from webhooks.incoming import event
from webhooks.line import line
from webhooks.speaking import silence, speak
from webhooks.twiml import Hangup, Record, say

if TYPE_CHECKING:
    from webhooks.state import CallState

bp = Blueprint("fallback", __name__)
log = structlog.get_logger()


@bp.route("/voice/fallback", methods=["POST"], provide_automatic_options=False)
def fallback() -> Response:
    """Answer for a telephone that failed, in words that need nothing but this process."""
    log.error("call.fallback", call=event().call_id, error=event().get("ErrorCode")[:8])
    return silence() if event().hung_up else take_message(event().state)


@bp.route("/voice/fallback/message", methods=["POST"], provide_automatic_options=False)
def message() -> Response:
    """Spool what was recorded and thank the caller, who may be gone."""
    spool("completed")
    if event().hung_up:
        return silence()
    return speak(event().state, say(event().state.language, "message_kept"), Hangup())


@bp.route("/voice/fallback/recording", methods=["POST"], provide_automatic_options=False)
def recording() -> Response:
    """Spool what the carrier says of the recording."""
    spool(event().get("RecordingStatus") or "completed")
    return Response(status=204)


def take_message(state: CallState) -> Response:
    """Ask for everything in one message and record it, in the caller's language if known."""
    languages = (state.language,) if state.step else ("en", "es")
    return speak(
        state,
        *(say(language, "trouble") for language in languages),
        Record(
            "/voice/fallback/message",
            "/voice/fallback/recording",
            line().settings.recording_seconds,
        ),
        say(state.language, "goodbye_thanks"),
        Hangup(),
    )


def spool(status: str) -> None:
    """Keep what the carrier said of a recording on the disk, once it says that there is one."""
    incoming = event()
    worth = incoming.seconds is None or incoming.seconds >= SHORTEST
    if incoming.recording_id and worth and status in {"completed", "absent", "failed"}:
        write_event(line().settings.spool_dir, incoming.notice(status).as_json())
