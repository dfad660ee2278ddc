"""The job that asks the DNS whether verified domains still say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from jobs.claimed import now
from jobs.excused import excused
from jobs.process import services
from voiceline.errors import TemporaryFailure
from voiceline.models import VerifiedDomain
from voiceline.verified_domains import due_checks, note_check, record_name

if TYPE_CHECKING:
    from uuid import UUID

BATCH = 50
"""Names a run asks for: each may take six seconds, and a run 300."""

log = structlog.get_logger()


@excused("check_domains")
def check_domains() -> None:
    """Ask for the record of each domain whose turn it is; silence counts as a missing record."""
    with services().sessions.begin() as session:
        due = due_checks(session, at=now(), limit=BATCH)
    for domain_id in due:
        _check(domain_id)
    if due:
        log.info("domains.checked", count=len(due))


def _check(domain_id: UUID) -> None:
    with services().sessions.begin() as session:
        row = session.get(VerifiedDomain, domain_id)
        name = record_name(row) if row else None
    if name is None:
        return
    try:
        texts = services().dns.texts(name)
    except TemporaryFailure:
        texts = None
    with services().sessions.begin() as session:
        row = session.get(VerifiedDomain, domain_id, with_for_update=True)
        if row is not None:
            note_check(session, row, texts, at=now())
