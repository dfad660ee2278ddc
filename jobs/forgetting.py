"""The job that forgets what has had its time: sessions, counts, links, the log's records."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline import account_links, pending_sign_ins
from voiceline.bulk import forget_acts
from voiceline.canary import forget_proofs
from voiceline.downloads import forget_downloads
from voiceline.email_links import forget_links
from voiceline.greetings import forget_unused_audio
from voiceline.invitations import forget_invitations
from voiceline.limits import forget_windows
from voiceline.log_files import delete_old
from voiceline.login_sessions import forget_ended_sessions
from voiceline.records import MOST_ROWS, forget_records
from voiceline.sign_ups import forget_sign_ups

LONGEST_WINDOW = timedelta(days=1)
A_MONTH = timedelta(days=30)
"""How long it is shown what became of an act on many requests, or of an archive."""

FARTHEST_WEST = timedelta(hours=12)
"""A day is over everywhere so long after it is in UTC."""

log = structlog.get_logger()


@excused("forget")
def forget() -> None:
    """Delete ended sessions, spent counts and links, what is shown for a month, old records."""
    with services().sessions.begin() as session:
        sessions = forget_ended_sessions(session, now())
        windows = forget_windows(session, before=now() - LONGEST_WINDOW)
        links = forget_links(session, at=now())
        joining = forget_sign_ups(session, now()) + forget_invitations(session, now())
        joining += account_links.forget_links(session, now())
        pending = pending_sign_ins.forget_over(session, now())
        worked = forget_acts(session, before=now() - A_MONTH)
        worked += forget_downloads(session, before=now() - A_MONTH)
        sounds = forget_unused_audio(session, before=now() - LONGEST_WINDOW)
        proofs = forget_proofs(session, at=now())
    if folder := services().settings.log_dir:
        log.info("log_files.forgotten", count=delete_old(folder, at=now()))
    log.info("proofs.forgotten", count=proofs)
    log.info("sessions.forgotten", count=sessions)
    log.info("joining.forgotten", count=joining)
    log.info("windows.forgotten", count=windows)
    log.info("links.forgotten", count=links)
    log.info("pending_sign_ins.forgotten", count=pending)
    log.info("worked.forgotten", count=worked)
    log.info("sounds.forgotten", count=sounds)
    _forget_records()


def _forget_records() -> None:
    """Delete, a batch at a time, what no time zone has to keep any more."""
    today = (now() - FARTHEST_WEST).date()
    count = MOST_ROWS
    while count == MOST_ROWS:
        with services().sessions.begin() as session:
            count = forget_records(session, today=today)
        log.info("records.forgotten", count=count)
