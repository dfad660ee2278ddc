"""The verbs of legal holds: what is under one expires neither here nor by the store's own rules.

A hold is on one request or on a whole business. Each voicemail knows whether one is on it, so that
whatever deletes by age need not ask twice; its object gets a tag that no lifecycle rule names.
The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.authority import check_role, lock_team
from voiceline.errors import NotFoundError, UserError
from voiceline.models import LegalHold, PrivacyRequest, Role, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.plain_text import read_name
from voiceline.rules.retention import NOTICE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from voiceline.models import Business, User

LONGEST_REASON = 500
MOST_SHOWN = 200


def place(
    session: Session,
    business_id: UUID,
    request: PrivacyRequest | None,
    *,
    reason: str,
    by: User,
    at: datetime,
) -> LegalHold:
    """Hold a request, or with None all there is of the business and what is still to come."""
    business = lock_team(session, business_id)
    check_role(session, business_id, by, Role.OWNER if request is None else Role.ADMIN)
    why = read_name(reason, LONGEST_REASON)
    if why is None:
        raise UserError("Say why: whoever lifts the hold decides by it.")
    if open_hold(session, business_id, request) is not None:
        raise UserError("It is under a legal hold already.")
    hold = LegalHold(
        business_id=business_id,
        request_id=request.id if request else None,
        reason=why,
        placed_at=at,
        placed_by=by.id,
    )
    session.add(hold)
    session.flush()
    _write(session, {"held": True, "tier_tag": None}, *_under(hold, request))
    session.expire_all()
    _prove(session, Action.HOLD_PLACED, hold, request or business, by, at)
    return hold


def lift(session: Session, business_id: UUID, hold_id: UUID, *, by: User, at: datetime) -> None:
    """Let a hold end; what no other one is on is kept for at least 30 days from now.

    So nobody loses a voicemail by one press of a button, and warnings come before it goes.
    """
    business = lock_team(session, business_id)
    hold = session.scalar(
        select(LegalHold)
        .where(LegalHold.id == hold_id, LegalHold.business_id == business_id)
        .options(joinedload(LegalHold.request))
        .with_for_update(of=LegalHold)
        .execution_options(populate_existing=True)
    )
    if hold is None:
        raise NotFoundError("no such hold")
    check_role(session, business_id, by, Role.OWNER if hold.request_id is None else Role.ADMIN)
    if hold.lifted_at is not None:
        raise UserError("This hold was lifted already.")
    hold.lift(by, at)
    session.flush()
    if hold.request_id is None or not is_held(session, business_id):
        free = (*_under(hold, hold.request), ~_request_is_held())
        soon = (Voicemail.status == VoicemailStatus.STORED, Voicemail.expires_at < at + NOTICE)
        later = {"expires_at": at + NOTICE, "warned_days": None, "warned_on": None}
        _write(session, later, *free, *soon)
        freed = {"held": False, "tier_tag": None}
        _write(session, freed, *free)
    session.expire_all()
    _prove(session, Action.HOLD_LIFTED, hold, hold.request or business, by, at)


def is_held(session: Session, business_id: UUID) -> bool:
    """Tell whether all that the business has is under a hold."""
    return open_hold(session, business_id, None) is not None


def open_hold(
    session: Session, business_id: UUID, request: PrivacyRequest | None
) -> LegalHold | None:
    """Answer the hold on the request, or the one on the whole business, that nobody lifted yet."""
    on = LegalHold.request_id.is_(None) if request is None else LegalHold.request_id == request.id
    query = select(LegalHold).where(
        LegalHold.business_id == business_id, LegalHold.lifted_at.is_(None), on
    )
    told = (joinedload(LegalHold.placer), joinedload(LegalHold.request))
    return session.scalar(query.options(*told))


def holds_of(session: Session, business_id: UUID) -> Sequence[LegalHold]:
    """Answer every hold there is or was, those that hold first and then the newest."""
    query = (
        select(LegalHold)
        .where(LegalHold.business_id == business_id)
        .options(
            joinedload(LegalHold.placer),
            joinedload(LegalHold.lifter),
            joinedload(LegalHold.request),
        )
        .order_by(LegalHold.lifted_at.is_not(None), LegalHold.placed_at.desc(), LegalHold.id)
    )
    return session.scalars(query.limit(MOST_SHOWN)).all()


def count_overdue(session: Session, business_id: UUID, at: datetime) -> int:
    """Count the voicemails that only a hold keeps: their period is over."""
    query = select(func.count()).where(
        Voicemail.business_id == business_id,
        Voicemail.status == VoicemailStatus.STORED,
        Voicemail.held,
        Voicemail.expires_at < at,
    )
    return session.scalar(query) or 0


def _under(hold: LegalHold, request: PrivacyRequest | None) -> tuple[ColumnElement[bool], ...]:
    mine = (Voicemail.business_id == hold.business_id, Voicemail.going_at.is_(None))
    return mine if request is None else (*mine, Voicemail.call_id == request.call_id)


def _request_is_held() -> ColumnElement[bool]:
    return exists().where(
        PrivacyRequest.call_id == Voicemail.call_id,
        LegalHold.request_id == PrivacyRequest.id,
        LegalHold.lifted_at.is_(None),
    )


def _write(session: Session, values: dict[str, Any], *which: ColumnElement[bool]) -> None:
    changed = update(Voicemail).where(*which).values(values)
    session.execute(changed.execution_options(synchronize_session=False))


def _prove(
    session: Session,
    action: Action,
    hold: LegalHold,
    on: PrivacyRequest | Business,
    by: User,
    at: datetime,
) -> None:
    facts = {"hold": str(hold.id)}
    deed = Deed(hold.business_id, action, audit.staff(by), at, audit.about(on), facts)
    audit.write(session, deed)
