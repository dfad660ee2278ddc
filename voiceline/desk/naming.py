"""The verbs of who asks for what: name a right, strike one out, set residence and standing.

Every right's clock runs from the day of receipt, whenever it was named.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voiceline.desk.changes import begin, check_right, dates_of, find_right, keep, said
from voiceline.errors import MoveError
from voiceline.models import EventKind, RequestedRight
from voiceline.rules.allowed import STATES
from voiceline.rules.deadlines import deadlines_for
from voiceline.rules.denials import taken_for
from voiceline.rules.jurisdictions import jurisdiction_of
from voiceline.rules.lifecycle import RightStatus
from voiceline.rules.rights import RIGHTS, Right, RightSource

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Before, Clerk
    from voiceline.models import PrivacyRequest, RequestEvent, ResidenceSource
    from voiceline.rules.due_dates import Deadlines
    from voiceline.rules.standings import Standing


def name_right(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: Right,
    *,
    instead_of: RequestedRight | None = None,
) -> RequestEvent:
    """Note a right that the message asks for; MoveError where it is asked for already.

    `instead_of` corrects one that was named in error. What nobody had named yet gets the name.
    """
    before = begin(session, request, clerk)
    known = next((each for each in request.rights if each.right == right), None)
    if known is not None and known.status != RightStatus.STRUCK:
        raise MoveError(
            f"{RIGHTS[right].english}: it is asked for already, and {STATES[known.status]}."
        )
    if instead_of is not None and instead_of.right is not None:
        _check_strikable(request, instead_of)
        instead_of.move(RightStatus.STRUCK, clerk.at)
    named = known or _unnamed(request) or _add(request)
    event, facts = _give_name(session, request, clerk, named, right)
    if instead_of is not None and instead_of.right not in {None, right}:
        facts["instead_of"] = str(instead_of.right)
    return keep(session, request, clerk, event, before, facts)


def name_by_law(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    right: Right,
    before: Before,
    *,
    refused: RequestedRight,
) -> None:
    """Name what the law takes a refused request for, with an entry of its own; once.

    It belongs to the step that refuses, which keeps its own entry after it: undoing that step
    strikes this out again. It is the same request: of a later date the consumer was told already.
    """
    known = next((each for each in request.rights if each.right == right), None)
    if known is not None and known.status != RightStatus.STRUCK:
        return
    named = known or _add(request)
    event, facts = _give_name(session, request, clerk, named, right)
    _extend_alike(named, refused)
    keep(session, request, clerk, event, before, facts)


def strike_right(
    session: Session, request: PrivacyRequest, clerk: Clerk, right: RequestedRight, *, because: str
) -> RequestEvent:
    """Strike out a right that was named in error; never what was keyed, nor the last one."""
    before = begin(session, request, clerk)
    _check_strikable(request, right)
    if request.asked_rights == [right]:
        raise MoveError("Nothing else is asked for: name what is asked for in its place.")
    facts = {"right": right.right, "because": said(because, "why", most=1000)}
    event = request.settle(
        [right], RightStatus.STRUCK, EventKind.RIGHT_STRUCK, clerk.at, clerk.user.id
    )
    return keep(session, request, clerk, event, before, facts)


def set_residence(
    session: Session,
    request: PrivacyRequest,
    clerk: Clerk,
    residence: str,
    *,
    source: ResidenceSource,
) -> RequestEvent:
    """Note where the consumer lives, and find anew the dates of what is open by the law there.

    A date that the consumer was told with the confirmation of receipt stands where it is the
    earlier. Raises JurisdictionError for what is no place of the table.
    """
    before = begin(session, request, clerk)
    key = jurisdiction_of(residence, request.received_on)
    request.residence, request.residence_source, request.jurisdiction = residence, source, key
    for right in request.open_rights:
        new = deadlines_for(right.right, request.received_on, key)
        if request.acknowledged_at is not None:
            new = _as_told(dates_of(request, right), new)
        _redate(right, new)
    request.follow_rights(clerk.at)
    event = request.note_event(EventKind.RESIDENCE_SET, at=clerk.at, by=clerk.user.id)
    return keep(
        session, request, clerk, event, before, {"residence": residence, "jurisdiction": key}
    )


def set_standing(
    session: Session, request: PrivacyRequest, clerk: Clerk, standing: Standing
) -> RequestEvent:
    """Note for whom it is asked: the clocks are the same, what may be proven is not."""
    before = begin(session, request, clerk)
    request.standing = standing
    event = request.note_event(EventKind.STANDING_SET, at=clerk.at, by=clerk.user.id)
    return keep(session, request, clerk, event, before, {"standing": standing.value})


def _check_strikable(request: PrivacyRequest, right: RequestedRight) -> None:
    find_right(request, right.id)
    if right.source in {RightSource.KEYED, RightSource.CHOSEN}:
        raise MoveError(
            "The consumer chose it, which is a fact: answer it, or note that it was withdrawn. "
            "Other rights can be named beside it."
        )
    check_right(request, right, RightStatus.STRUCK)
    if any(_stands_for(request, each) == right.right for each in request.asked_rights):
        raise MoveError(
            "It is what the law takes the request for that was refused as unverified (11 CCR "
            "7024(a)): answer it, or note that it was withdrawn."
        )


def _stands_for(request: PrivacyRequest, refused: RequestedRight) -> Right | None:
    codes = {reason["code"] for reason in refused.reasons or ()}
    return taken_for(refused.right, codes, request.jurisdiction)


def _give_name(
    session: Session, request: PrivacyRequest, clerk: Clerk, named: RequestedRight, right: Right
) -> tuple[RequestEvent, dict[str, Any]]:
    """Name a right, which is open from now on, and answer its entry with the facts of it."""
    dates = deadlines_for(right, request.received_on, request.jurisdiction)
    if named.status == RightStatus.STRUCK:
        named.move(RightStatus.OPEN, clerk.at)
    named.right, named.source = right, RightSource.CONFIRMED
    _redate(named, dates)
    session.flush()
    request.follow_rights(clerk.at)
    event = request.note_event(EventKind.RIGHT_NAMED, at=clerk.at, by=clerk.user.id, right=named)
    respond_by = dates.respond_by.isoformat()
    return event, {"right": right.value, "rule": dates.rule, "respond_by": respond_by}


def _unnamed(request: PrivacyRequest) -> RequestedRight | None:
    return next((each for each in request.open_rights if each.right is None), None)


def _add(request: PrivacyRequest) -> RequestedRight:
    added = RequestedRight(business_id=request.business_id, status=RightStatus.OPEN)
    request.rights.append(added)
    return added


def _as_told(old: Deadlines, new: Deadlines) -> Deadlines:
    return replace(new, respond=min(new.respond, old.respond, key=lambda due: due.by))


def _extend_alike(named: RequestedRight, refused: RequestedRight) -> None:
    dates = named.dates()
    if dates and dates.extend and refused.extended_told_on and refused.extended_at:
        named.extend(
            dates.extend,
            because=refused.extended_because or "",
            told_on=refused.extended_told_on,
            at=refused.extended_at,
        )


def _redate(right: RequestedRight, dates: Deadlines) -> None:
    """Give the right other dates; what was told, or decided on appeal, is never made longer.

    An extension stands as far as the law there allows it; what an appeal reopened is due when the
    decision was.
    """
    told, in_force = right.extended_by, right.due_by
    reopened = in_force not in {right.respond_by, told}
    right.date_by(dates)
    if told is not None:
        latest = dates.extend.by if dates.extend else dates.respond_by
        right.extended_by = min(told, latest)
        right.due_by = right.answer_by
    if reopened:
        right.due_by = in_force
