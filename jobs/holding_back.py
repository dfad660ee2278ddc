"""The job that marks, for the bucket's own expiry, what an enterprise wants copied first."""

from __future__ import annotations

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline import clock
from voiceline.archive_holding import mark_held_back

BATCH = 2000
"""A round's; what is left over has days to the next ones."""

log = structlog.get_logger()


@excused("hold_back")
def hold_back() -> None:
    """Mark what waits for its copy and goes soon; the objects' tags follow (`upkeep.retag`)."""
    with services().sessions.begin() as session:
        at = clock.moment(session, process=now())
        if at is None:
            return  # nothing expires here either while a clock is in doubt
        count = mark_held_back(session, at=at, limit=BATCH)
    if count:
        log.info("voicemails.held_back", count=count)
