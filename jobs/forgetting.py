"""The job that forgets what has had its time: sessions, counts, links, the log's records."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.accounts import forget_ended_sessions
from voiceline.email_links import forget_links
from voiceline.limits import forget_windows
from voiceline.records import MOST_ROWS, forget_records

LONGEST_WINDOW = timedelta(days=1)
FARTHEST_WEST = timedelta(hours=12)
"""A day is over everywhere so long after it is in UTC."""

log = structlog.get_logger()


@excused("forget")
def forget() -> None:
    """Delete ended sessions, counts no limit looks at, links of old, and records of two years."""
    with services().sessions.begin() as session:
        sessions = forget_ended_sessions(session, now())
        windows = forget_windows(session, before=now() - LONGEST_WINDOW)
        links = forget_links(session, at=now())
    log.info("sessions.forgotten", count=sessions)
    log.info("windows.forgotten", count=windows)
    log.info("links.forgotten", count=links)
    _forget_records()


def _forget_records() -> None:
    """Delete, a batch at a time, what no time zone has to keep any more."""
    today = (now() - FARTHEST_WEST).date()
    count = MOST_ROWS
    while count == MOST_ROWS:
        with services().sessions.begin() as session:
            count = forget_records(session, today=today)
        log.info("records.forgotten", count=count)
