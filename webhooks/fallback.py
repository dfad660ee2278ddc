"""When everything else is down: take the message with neither database nor queue.

The carrier comes here by itself when the telephone does not answer, and the telephone's own
views answer the same words when the database is away. What the carrier tells us is written to
the spool and fed in later by `upkeep.replay_spool`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response

from voiceline.spool import write_event
from webhooks.incoming import event
from webhooks.line import line
from webhooks.speaking import silence, speak
from webhooks.twiml import Hangup, Record, Say, say

if TYPE_CHECKING:
    from webhooks.state import CallState

bp = Blueprint("fallback", __name__)
log = structlog.get_logger()

MOST_TRIES = 3
TOLD = frozenset({"completed", "absent", "failed"})
"""What the carrier can say of a recording that is over."""


@bp.route("/voice/fallback", methods=["POST"], provide_automatic_options=False)
def fallback() -> Response:
    """Answer for a telephone that failed, in words that need nothing but this process."""
    log.error("call.fallback", call=event().call_id, error=event().get("ErrorCode")[:8])
    return silence() if event().hung_up else take_message(event().state)


@bp.route("/voice/fallback/message", methods=["POST"], provide_automatic_options=False)
def message() -> Response:
    """Spool what was recorded and thank the caller, who may be gone."""
    spool("completed")
    state = event().state
    if event().hung_up:
        return silence()
    if event().heard:
        return speak(state, say(state.language, "message_kept"), Hangup())
    nothing = say(state.language, "nothing_heard")
    if state.tries >= MOST_TRIES - 1:
        return speak(state, nothing, say(state.language, "goodbye"), Hangup())
    return take_message(state.having(tries=state.tries + 1), nothing)


@bp.route("/voice/fallback/recording", methods=["POST"], provide_automatic_options=False)
def recording() -> Response:
    """Spool what the carrier says of the recording."""
    return Response(status=204 if spool(event().get("RecordingStatus") or "completed") else 503)


def take_message(state: CallState, *before: Say) -> Response:
    """Ask for everything in one message and record it, in the caller's language if known.

    The number called goes along: what the carrier tells of a recording names none.
    """
    state = state.having(number=event().get("To")[:64] or None)
    languages = (state.language,) if state.step else ("en", "es")
    return speak(
        state,
        *before,
        *(say(language, "trouble") for language in languages),
        Record(
            "/voice/fallback/message",
            "/voice/fallback/recording",
            line().settings.recording_seconds,
        ),
        say(state.language, "goodbye_thanks"),
        Hangup(),
    )


def spool(status: str) -> bool:
    """Keep what the carrier said of a recording on the disk; tell whether nothing is left to say.

    On a full disk the recording is still the carrier's, where `upkeep.reconcile` finds it.
    """
    incoming = event()
    if _tells_something(status):
        try:
            write_event(line().settings.spool_dir, incoming.notice(status).as_json())
        except OSError as error:
            log.critical("spool.not_written", call=incoming.call_id, error=error)
            return False
    return True


def _tells_something(status: str) -> bool:
    """Tell whether a request may come of it: of silence, too, where a right was keyed."""
    incoming = event()
    if status == "completed" and not incoming.heard:
        return incoming.state.right is not None
    return status in TOLD and bool(incoming.recording_id)
