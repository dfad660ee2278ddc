"""The verbs of an answer to a right: done, done in part, refused, redirected, put off, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.desk.changes import begin, check_right, find_right, keep, local_day, said
from voiceline.desk.grounds import check_grounds
from voiceline.desk.identity import proven
from voiceline.desk.naming import name_by_law
from voiceline.errors import MoveError
from voiceline.models import EventKind
from voiceline.morning import warn_again
from voiceline.rules.deadlines import appeal_by
from voiceline.rules.denials import check_reasons, taken_for, to_records
from voiceline.rules.identity import check_proven
from voiceline.rules.lifecycle import RightStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Before, Clerk
    from voiceline.models import PrivacyRequest, RequestedRight, RequestEvent
    from voiceline.rules.denials import Reason


def complete(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight, *, done: str
) -> RequestEvent:
    """Note that all that was asked for is done, and what that was.

    Raises IdentityError where the law wants to know first who asks.
    """
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.COMPLETED)
    _check_known(session, request, right)
    right.done = said(done, "what was done")
    event = request.settle(
        [right], RightStatus.COMPLETED, EventKind.COMPLETED, clerk.at, clerk.user.id
    )
    return keep(session, request, clerk, event, before)


def complete_in_part(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    done: str,
    not_done: str,
    reasons: Sequence[Reason],
) -> RequestEvent:
    """Note what was done, what was not, and why not; DenialError without a reason that holds."""
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.PARTLY)
    _check_known(session, request, right)
    _check_reasons(session, request, right, reasons)
    did, did_not = said(done, "what was done"), said(not_done, "what was not done")
    right.done, right.not_done = did, did_not
    _refuse(request, clerk, right, reasons)
    _take_for_another(session, request, clerk, right, before)
    event = request.settle([right], RightStatus.PARTLY, EventKind.PARTLY, clerk.at, clerk.user.id)
    return keep(session, request, clerk, event, before, _why_not(right))


def deny(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    reasons: Sequence[Reason],
) -> RequestEvent:
    """Refuse the right; DenialError without a reason that holds for it (Civ. Code 1798.145(h))."""
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.DENIED)
    _check_reasons(session, request, right, reasons)
    _refuse(request, clerk, right, reasons)
    _take_for_another(session, request, clerk, right, before)
    event = request.settle([right], RightStatus.DENIED, EventKind.DENIED, clerk.at, clerk.user.id)
    return keep(session, request, clerk, event, before, _why_not(right))


def redirect(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight,
    *,
    controller: str,
) -> RequestEvent:
    """Note that the consumer was told whom to ask: the business only works for the controller.

    A service provider acts for the business it works for, or says that it cannot (Cal. Civ. Code
    1798.130(a)(3)(A)).
    """
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.REDIRECTED)
    whom = said(controller, "whom the consumer was told to ask", most=300)
    right.controller = whom
    _let_appeal(request, clerk, right)
    event = request.settle(
        [right], RightStatus.REDIRECTED, EventKind.REDIRECTED, clerk.at, clerk.user.id
    )
    return keep(session, request, clerk, event, before)


def defer(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight, *, because: str
) -> RequestEvent:
    """Note that it waits for an outstanding balance; its clock runs on, and the date stands."""
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.DEFERRED)
    right.deferred_because = said(because, "what it waits for", most=1000)
    event = request.settle(
        [right], RightStatus.DEFERRED, EventKind.DEFERRED, clerk.at, clerk.user.id
    )
    return keep(session, request, clerk, event, before, {"due_by": right.due_by.isoformat()})


def resume(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight
) -> RequestEvent:
    """Note that what a right waited for is settled."""
    before = begin(session, request, clerk)
    find_right(request, right.id)
    if right.status != RightStatus.DEFERRED:
        raise MoveError("It does not wait for anything.")
    right.deferred_because = None
    event = request.settle([right], RightStatus.OPEN, EventKind.RESUMED, clerk.at, clerk.user.id)
    return keep(session, request, clerk, event, before)


def withdraw(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: RequestedRight | None = None,
) -> RequestEvent:
    """Note that the consumer no longer asks for the right; without one, for anything."""
    before = begin(session, request, clerk)
    rights = [right] if right else request.open_rights
    if not rights:
        raise MoveError("Everything is answered: nothing is left to withdraw. It can be reopened.")
    for each in rights:
        check_right(request, each, RightStatus.WITHDRAWN)
    event = request.settle(
        rights, RightStatus.WITHDRAWN, EventKind.WITHDRAWN, clerk.at, clerk.user.id
    )
    return keep(session, request, clerk, event, before, {"rights": len(rights)})


def reopen(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight, *, because: str
) -> RequestEvent:
    """Take up again what was answered or withdrawn; its dates are what they were, even if past.

    The answer that is void now stays in the history.
    """
    before = begin(session, request, clerk)
    check_right(request, right, RightStatus.OPEN)
    if right.status in {RightStatus.DEFERRED, RightStatus.STRUCK}:
        raise MoveError("Only what was answered or withdrawn is reopened.")
    facts = {"was": right.status.value, "because": said(because, "why", most=1000)}
    right.forget_answer()
    event = request.settle([right], RightStatus.OPEN, EventKind.REOPENED, clerk.at, clerk.user.id)
    warn_again(session, request)
    return keep(session, request, clerk, event, before, facts)


def _check_known(session: Session, request: PrivacyRequest, right: RequestedRight) -> None:
    level, methods = proven(session, request)
    check_proven(right.right, request.standing, level, methods)


def _check_reasons(
    session: Session,
    request: PrivacyRequest,
    right: RequestedRight,
    reasons: Sequence[Reason],
) -> None:
    check_reasons(right.right, reasons, granted=right.is_granted, law=request.jurisdiction)
    check_grounds(session, request, right, reasons)


def _refuse(
    request: PrivacyRequest, clerk: Clerk, right: RequestedRight, reasons: Sequence[Reason]
) -> None:
    right.reasons = to_records(reasons, request.jurisdiction)
    _let_appeal(request, clerk, right)


def _take_for_another(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight, before: Before
) -> None:
    """Name what the letter says that the request is treated as from now on (11 CCR 7024(a))."""
    codes = {reason["code"] for reason in right.reasons or ()}
    if other := taken_for(right.right, codes, request.jurisdiction):
        name_by_law(session, request, clerk, other, before, refused=right)


def _let_appeal(request: PrivacyRequest, clerk: Clerk, right: RequestedRight) -> None:
    """Store until when the consumer may appeal, where the law gives an appeal."""
    if due := appeal_by(local_day(request, clerk.at), request.jurisdiction):
        right.keep_due(due)
        right.appeal_by = due.by


def _why_not(right: RequestedRight) -> dict[str, Any]:
    codes = [reason["code"] for reason in right.reasons or ()]
    return {"codes": codes, "appeal_by": right.appeal_by.isoformat() if right.appeal_by else None}
