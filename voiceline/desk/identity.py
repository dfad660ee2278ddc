"""The verb of verifying who asks; what was compared is named, and the data are never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from voiceline.desk.changes import begin, keep
from voiceline.errors import IdentityError, MoveError
from voiceline.models import EventKind, IdentityCheck
from voiceline.rules.identity import (
    LEVELS,
    Level,
    Method,
    check_may_ask,
    level_of,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest, RequestEvent
    from voiceline.rules.identity import Evidence

_COMPARED = {Method.MATCHED, Method.EMAIL_LINK}


def verify_identity(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    evidence: Evidence,
    *,
    passed: bool = True,
) -> RequestEvent:
    """Note how somebody was verified, or that it failed.

    Raises IdentityError where nothing that is still asked for lets identity be asked for (opt-outs
    and limits: 11 CCR 7026(d), 7027(e), 7221(f)), and for evidence that proves nothing.
    """
    before = begin(session, request, clerk)
    if request.finished_at is not None:
        raise MoveError("The request is answered: there is nothing to verify. It can be reopened.")
    check_may_ask([right.right for right in request.asked_rights if right.is_due], evidence.method)
    level = level_of(evidence) if passed else Level.NONE
    if passed and level == Level.NONE and evidence.method in _COMPARED:
        raise IdentityError(
            "That proves nothing yet: at least two data points must match, and the caller's "
            "number or what is in dispute is none by itself (11 CCR 7062(b), 7060(h))."
        )
    check = IdentityCheck(
        id=uuid4(),
        business_id=request.business_id,
        request_id=request.id,
        method=evidence.method,
        level=level,
        passed=passed,
        points=sorted(evidence.points),
        declared=evidence.declared,
        at=clerk.at,
        user_id=clerk.user.id,
    )
    session.add(check)
    kind = EventKind.VERIFIED if passed else EventKind.NOT_VERIFIED
    event = request.note_event(kind, at=clerk.at, by=clerk.user.id)
    facts = {"check": str(check.id), "method": evidence.method.value, "level": level.value}
    return keep(session, request, clerk, event, before, facts)


def proven(session: Session, request: PrivacyRequest) -> tuple[Level, frozenset[Method]]:
    """Answer how sure the business is by now, and by which methods."""
    checks = session.execute(
        select(IdentityCheck.level, IdentityCheck.method).where(
            IdentityCheck.request_id == request.id,
            IdentityCheck.passed,
            IdentityCheck.undone_at.is_(None),
        )
    ).all()
    level = max((level for level, _ in checks), key=LEVELS.index, default=Level.NONE)
    return level, frozenset(method for _, method in checks)
