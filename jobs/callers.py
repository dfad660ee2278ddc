"""Who called, of whom we were told a recording and nothing else (twilio.md case 73).

A recording's callback names neither number. Where the call itself was never written down, the
message waits in the operator's queue, and whoever assigns it is helped by both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from voiceline import intake
from voiceline.errors import PermanentFailure
from voiceline.search_documents import follow_caller

if TYPE_CHECKING:
    from datetime import datetime

    from voiceline.bootstrap import Services

log = structlog.get_logger()

MOST = 200
"""Calls asked for in one run: each is a request to the carrier."""


def learn_callers(built: Services, *, since: datetime) -> None:
    """Ask the carrier about each nameless call since then; raises TemporaryFailure."""
    with built.sessions.begin() as session:
        nameless = [
            call.carrier_id for call in intake.find_nameless(session, since=since, limit=MOST)
        ]
    for call_id in nameless:
        try:
            known = built.recordings.call(call_id)
        except PermanentFailure as failure:
            log.warning("call.not_known", call=call_id, error=failure)
            continue
        if known is None:
            continue
        with built.sessions.begin() as session:
            intake.learn_caller(
                session, call_id, from_number=known.from_number, to_number=known.to_number
            )
            follow_caller(session, call_id)
        log.info("call.named", call=call_id)
