"""The job that makes the morning rounds of the businesses whose hour has come."""

from __future__ import annotations

import time

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.morning import due_rounds, make_round

log = structlog.get_logger()

BATCH = 100
ROUND_SECONDS = 20.0
"""How long one run goes on, so that nothing on its queue waits long behind it."""


@excused("alert_staff")
def alert_staff() -> None:
    """Make the rounds that are due, a transaction each; what is left is the next run's."""
    until, made = time.monotonic() + ROUND_SECONDS, 0
    with services().sessions.begin() as session:
        waiting = due_rounds(session, at=now(), limit=BATCH)
    for business_id in waiting:
        finished = False
        while not finished and time.monotonic() < until:
            with services().sessions.begin() as session:
                finished = make_round(session, business_id, at=now())
        made += finished
    if made:
        log.info("alerts.owed", count=made)
