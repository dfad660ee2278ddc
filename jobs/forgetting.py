"""The job that forgets what has only a short use: ended sessions, and counts of old windows."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.accounts import forget_ended_sessions
from voiceline.limits import forget_windows

LONGEST_WINDOW = timedelta(days=1)

log = structlog.get_logger()


@excused("forget")
def forget() -> None:
    """Delete sessions that have ended and counts that no limit looks at any more."""
    with services().sessions.begin() as session:
        sessions = forget_ended_sessions(session, now())
        windows = forget_windows(session, before=now() - LONGEST_WINDOW)
    log.info("sessions.forgotten", count=sessions)
    log.info("windows.forgotten", count=windows)
