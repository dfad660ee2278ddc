"""The job that asks the carrier where the line's numbers lead, for pages that must not wait."""

from __future__ import annotations

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.bootstrap import number_changes
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.number_looks import due_looks, keep_look

log = structlog.get_logger()


@excused("look_at_numbers")
def look_at_numbers() -> None:
    """Look at what is due, each number by itself; one that fails keeps none of the others."""
    built = services()
    with built.sessions.begin() as session:
        due = due_looks(session, built.settings.twilio_numbers, at=now())
    for number in due:
        differing, problem = None, None
        try:
            differing = [change.field for change in number_changes(built.settings, number)]
        except (PermanentFailure, TemporaryFailure) as failure:
            problem = str(failure)
            log.warning("number.not_looked_at", error=failure)
        with built.sessions.begin() as session:
            keep_look(session, number, differing=differing, problem=problem, at=now())
