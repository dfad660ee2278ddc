"""What the carrier tells us beside the call: a recording is ready, a call is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response

from voiceline import carrier_events, voicemails
from webhooks.incoming import OVER, event
from webhooks.line import line

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from voiceline.carrier_events import RecordingNotice

bp = Blueprint("callbacks", __name__)
log = structlog.get_logger()

KNOWN = frozenset({"completed", "absent", "failed", "in-progress"})


@bp.route("/voice/recording", methods=["POST"], provide_automatic_options=False)
def recording() -> Response:
    """Write one row in one transaction, then wake the queue: the carrier needs no answer."""
    incoming = event()
    status = incoming.get("RecordingStatus") or "completed"
    if status == "in-progress":
        return Response(status=204)
    if status not in KNOWN:
        log.warning("recording.unknown_status", call=incoming.call_id)
        return Response(status=204)
    if not incoming.recording_id and status != "absent":
        return Response(status=400)
    owed = _write_down(incoming.notice(status), incoming.received_at)
    if owed is not None:
        line().wake(owed)
    if status == "failed":
        log.error("recording.failed", call=incoming.call_id, recording=incoming.recording_id)
    return Response(status=204)


def _write_down(notice: RecordingNotice, at: datetime) -> UUID | None:
    """Commit what the notice says: with the others of this moment, or alone if it is unusual."""
    if together := line().together:
        owed = together.receive(notice, at)
        if owed is not None:
            return owed
    with line().transaction() as session:
        return carrier_events.accept(session, notice, at=at)


@bp.route("/voice/call-status", methods=["POST"], provide_automatic_options=False)
def call_status() -> Response:
    """Note that a call is over; early, late and repeated words of it mean the same."""
    incoming = event()
    if incoming.get("CallStatus") in OVER:
        with line().transaction() as session:
            voicemails.end_call(session, incoming.call_id, at=incoming.received_at)
    return Response(status=204)
