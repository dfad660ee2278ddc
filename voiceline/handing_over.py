"""The verbs of handing over: what a caller without a code left goes to the business they meant.

It is the same request there: reference, day of the call and history stay, and what depends on
whose it is follows: its dates, how long its audio is kept, who is told. The rows change hands in
one transaction, and nothing in the store is touched by it: objects keep their keys, and a tag that
is owed is written by `upkeep.retag`. What was not meant for that business it hands back, with a
reason, as long as nobody was answered. The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.belongings import forget_readers, move_rows
from voiceline.desk.changes import begin, said
from voiceline.errors import MoveError, NotFoundError
from voiceline.filing import count_from, hold_call
from voiceline.holds import is_held, open_hold
from voiceline.intake import operator_code
from voiceline.models import (
    Appeal,
    EventKind,
    Letter,
    PrivacyRequest,
    RequestEvent,
    ServiceCode,
    Voicemail,
)
from voiceline.notices import owe_notice
from voiceline.reach import across
from voiceline.records import give_record
from voiceline.rules import retention
from voiceline.rules.deadlines import received_on
from voiceline.rules.lifecycle import RightStatus, VoicemailStatus
from voiceline.rules.service_codes import OPERATOR_CODE
from voiceline.search_documents import follow_document
from voiceline.takes import hold_takes
from voiceline.voicemails import object_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.desk import Clerk
    from voiceline.models import Business

MOST_REASON = 300


def hand_over(session: Session, request_id: UUID, code_id: UUID, clerk: Clerk) -> RequestEvent:
    """Give an unassigned request to the business behind the code, which answers from now on.

    Of several who hand over the same at once, one does. Raises MoveError, which says why not,
    OvertakenError where it is not what the clerk saw, NotFoundError for what never was unassigned.
    """
    with across(session):
        operator = _take_turn(session)
        code = _receiver(session, code_id, operator, clerk)
        request, takes = _hold(session, request_id)
        _check_unassigned(session, request, operator)
        begin(session, request, clerk)
        _check_unanswered(session, request, "Answer it here.")
        event = request.note_event(EventKind.HANDED_OVER, at=clerk.at, by=clerk.user.id)
        _give(session, request, takes, code, event, clerk)
        by, subject = audit.staff(clerk.user), audit.about(request)
        facts = {"entry": str(event.id), "code": code.code}
        given = Deed(operator.business_id, Action.REQUEST_HANDED_OVER, by, clerk.at, subject, facts)
        by = audit.operators(clerk.user)
        theirs = facts | {"received_on": request.received_on.isoformat()}
        taken = Deed(code.business_id, Action.REQUEST_TAKEN_OVER, by, clerk.at, subject, theirs)
        audit.write_each(session, given, taken)
        return event


def hand_back(
    session: Session, request: PrivacyRequest, clerk: Clerk, *, because: str
) -> RequestEvent:
    """Give a request back to the operator, because it was not meant for this business.

    Raises MoveError for what the operator did not hand over, or what was answered.
    """
    reason = said(because, "why it is not yours", most=MOST_REASON)
    business_id = request.business_id
    with across(session):
        operator = _take_turn(session)
        request, takes = _hold(session, request.id)
        if request.business_id != business_id:
            raise MoveError("It was handed back already.")
        if not was_handed_over(session, request):
            raise MoveError("Nobody handed it over: its caller reached you by your own code.")
        begin(session, request, clerk)
        _check_unanswered(session, request, "It can no longer be handed back.")
        event = request.note_event(EventKind.HANDED_BACK, at=clerk.at, by=clerk.user.id)
        former = request.service_code.code
        _give(session, request, takes, operator, event, clerk, because=reason)
        by, subject = audit.staff(clerk.user), audit.about(request)
        facts = {"entry": str(event.id), "code": former}
        back = Deed(operator.business_id, Action.REQUEST_RETURNED, by, clerk.at, subject, facts)
        theirs = Deed(business_id, Action.REQUEST_HANDED_BACK, by, clerk.at, subject, facts)
        audit.write_each(session, back, theirs)
        return event


def was_handed_over(session: Session, request: PrivacyRequest) -> bool:
    """Tell whether the business has the request from the operator, and may hand it back.

    By whose it is, and not by which entry is the newest: two may be of one moment.
    """
    mine = RequestEvent.request_id == request.id
    given = exists().where(mine, RequestEvent.kind == EventKind.HANDED_OVER)
    operators = exists().where(
        ServiceCode.code == OPERATOR_CODE, ServiceCode.business_id == request.business_id
    )
    return bool(session.scalar(select(given & ~operators)))


def _take_turn(session: Session) -> ServiceCode:
    """Answer the operator's code, held to the end: whatever changes hands does so one by one.

    Otherwise two that give to and fro could wait for each other's counts. Not its key, which
    every call that is filed refers to.
    """
    code = operator_code(session)
    held = select(ServiceCode.id).where(ServiceCode.id == code.id)
    session.execute(held.with_for_update(key_share=True))
    return code


def _receiver(session: Session, code_id: UUID, operator: ServiceCode, clerk: Clerk) -> ServiceCode:
    code = session.scalar(
        select(ServiceCode)
        .where(ServiceCode.id == code_id)
        .options(joinedload(ServiceCode.business))
        .execution_options(populate_existing=True)
    )
    if code is None:
        raise NotFoundError("no such code")
    if code.business_id == operator.business_id:
        raise MoveError("It is with the operator already: choose another business.")
    if not code.answers(clerk.at):
        raise MoveError(
            f"Nobody answers for the code {code.code} now: the code was withdrawn, or its business "
            "is suspended, closed or past its trial. Choose another."
        )
    return code


def _hold(session: Session, request_id: UUID) -> tuple[PrivacyRequest, Sequence[Voicemail]]:
    """Lock all that jobs write to, in their order, and read it anew; the desk locks the request."""
    call_id = select(PrivacyRequest.call_id).where(PrivacyRequest.id == request_id)
    takes = hold_takes(session, session.scalar(call_id))
    request = session.scalar(
        select(PrivacyRequest)
        .where(PrivacyRequest.id == request_id)
        .options(joinedload(PrivacyRequest.service_code))
    )
    if request is None:
        raise NotFoundError("no such request")
    if request.call is not None:
        hold_call(session, request.call)
    session.refresh(request)
    return request, takes


def _check_unassigned(session: Session, request: PrivacyRequest, operator: ServiceCode) -> None:
    if request.business_id != operator.business_id:
        if was_handed_over(session, request):
            raise MoveError(f"It was handed over to {request.business.name} already.")
        raise NotFoundError("no such request")
    if request.call is None or not request.call.unassigned:
        raise MoveError("Its sender chose the operator: answer it here.")


def _check_unanswered(session: Session, request: PrivacyRequest, instead: str) -> None:
    """Raise MoveError where the consumer was told something by who has it now, or it is held."""
    if open_hold(session, request.business_id, request) is not None:
        raise MoveError("It is under a legal hold: lift that first.")
    if any(right.status != RightStatus.OPEN for right in request.asked_rights):
        raise MoveError(f"It was answered, or is closed. {instead}")
    written = exists().where(Letter.request_id == request.id)
    appealed = exists().where(Appeal.request_id == request.id)
    if session.scalar(select(written | appealed)):
        raise MoveError(f"The consumer has a letter about it. {instead}")


def _give(
    session: Session,
    request: PrivacyRequest,
    takes: Sequence[Voicemail],
    to: ServiceCode,
    event: RequestEvent,
    clerk: Clerk,
    **facts: str,
) -> None:
    """Let the request and all that is part of it be the business's behind the code."""
    event.facts = {"code": request.service_code.code, "to_code": to.code, **facts}
    session.flush()
    forget_readers(session, request)
    held = is_held(session, to.business_id)
    for voicemail in takes:
        _keep_for(voicemail, to.business, clerk.at, held=held)
    session.flush()
    move_rows(session, request, [voicemail.id for voicemail in takes], to)
    request.assignee_id, request.news_at = None, clerk.at
    request.last_change_id = event.id
    count_from(request, received_on(request.received_at, to.business.time_zone), clerk.at)
    session.flush()
    follow_document(session, request)
    owe_notice(session, request, clerk.at, again=event.id)
    give_record(session, request, at=clerk.at)


def _keep_for(voicemail: Voicemail, business: Business, at: datetime, *, held: bool) -> None:
    """Keep the audio as long as this business's plan promises, from the call, where it is.

    None is lost by the change itself: what was kept for longer stays for the notice.

    Its key stays what it was, whoever had it when it was written or is about to be: two copies of
    a voice would be one too many, and nobody reads off a key whose it is.
    """
    voicemail.object_key, voicemail.held = object_key(voicemail), held
    voicemail.held_back = False
    if voicemail.status == VoicemailStatus.STORED:
        last = retention.expires_at_after(
            voicemail.recorded_at, business.tier, was=voicemail.expires_at, at=at
        )
        voicemail.keep_until(last)
        voicemail.warned_days = voicemail.warned_on = None  # another business was
        if voicemail.tier_tag != retention.store_tags(business.tier, held=held)["tier"]:
            voicemail.tier_tag = None
