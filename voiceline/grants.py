"""The verbs of access under a grant: the operator's people ask, the business decides.

Whoever runs the line can read nothing of a business by that. One person asks, for a reason and a
time; an owner approves; the clock ends it; and each deed stands in both trails.
The caller of a verb commits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Actor, Deed
from voiceline.authority import (
    check_operator,
    check_role,
    lock_team,
    operators_business,
    operators_role,
)
from voiceline.deliveries import Owed, owe
from voiceline.errors import NotFoundError, UserError
from voiceline.limits import take
from voiceline.models import (
    AccessGrant,
    ActorKind,
    DeliveryKind,
    GrantState,
    Membership,
    Role,
    User,
)
from voiceline.reach import within
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.plain_text import read_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import Business

LENGTHS = {1: "1 hour", 4: "4 hours", 24: "1 day", 168: "1 week"}
"""By their hours; nobody reads for longer without asking again."""

LAPSES = timedelta(days=7)
LONGEST_REASON = 500
MOST_A_DAY = 10
"""Requests to one business in a day: each is mail to its owners and admins."""

TOLD = (Role.OWNER, Role.ADMIN)
OPEN = (GrantState.ASKED, GrantState.RUNNING)
MOST_SHOWN = 200

DECIDED = {
    GrantState.LAPSED: "Nobody decided within 7 days, so this request lapsed.",
    GrantState.TAKEN_BACK: "This request was taken back.",
    GrantState.REFUSED: "This request was refused already.",
    GrantState.RUNNING: "This request was approved already.",
    GrantState.ENDED: "This access has ended already.",
    GrantState.OVER: "This access has ended already.",
}
"""Why a grant cannot be decided, or ended, any more."""


def ask(
    session: Session, business_id: UUID, *, reason: str, hours: int, by: User, at: datetime
) -> AccessGrant:
    """Ask a business for access to read, and owe its owners and admins the word of it."""
    check_operator(session, by, Role.AGENT)
    why = read_name(reason, LONGEST_REASON)
    if why is None:
        raise UserError("Say what you need to look at, and why: they decide by it.")
    if hours not in LENGTHS:
        raise UserError("Choose for how long.")
    with within(session, business_id):
        _check_may_ask(session, lock_team(session, business_id), by, at)
        grant = AccessGrant(
            business_id=business_id,
            user_id=by.id,
            reason=why,
            seconds=hours * 3600,
            asked_at=at,
            lapses_at=at + LAPSES,
        )
        session.add(grant)
        session.flush()
        _tell_business(session, grant, at)
    _prove(session, grant, Action.GRANT_ASKED, audit.operators(by), at, hours=hours)
    return grant


def take_back(
    session: Session, business_id: UUID, grant_id: UUID, *, by: User, at: datetime
) -> None:
    """Take back what one asked for oneself: nobody can approve it, and what runs ends."""
    check_operator(session, by, Role.VIEWER)
    with within(session, business_id):
        lock_team(session, business_id)
        grant = _locked(session, business_id, grant_id)
        if grant.user_id != by.id:
            raise NotFoundError("no such request of one's own")
        ran = _close(grant, by, at)
    action = Action.GRANT_ENDED if ran else Action.GRANT_TAKEN_BACK
    _prove(session, grant, action, audit.operators(by), at)


def approve(session: Session, business_id: UUID, grant_id: UUID, *, by: User, at: datetime) -> None:
    """Let the person read from now on, for as long as they asked; an owner's to decide."""
    lock_team(session, business_id)
    check_role(session, business_id, by, Role.OWNER)
    grant = _locked(session, business_id, grant_id)
    _check_state(grant, at, GrantState.ASKED)
    if grant.user_id == by.id:
        raise UserError("Somebody else must approve what you asked for yourself.")
    role = operators_role(session, grant.user_id)
    if role is None or not role.covers(Role.AGENT):
        raise UserError("This person does not work for the operator any more.")
    grant.approve(by, at)
    session.flush()
    until = f"{(at + grant.length).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    _prove(session, grant, Action.GRANT_APPROVED, audit.staff(by), at, until=until)
    _tell_asker(session, grant, at)


def refuse(session: Session, business_id: UUID, grant_id: UUID, *, by: User, at: datetime) -> None:
    """Let the person not read; an admin's to decide, too."""
    lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    grant = _locked(session, business_id, grant_id)
    _check_state(grant, at, GrantState.ASKED)
    grant.refuse(by, at)
    _prove(session, grant, Action.GRANT_REFUSED, audit.staff(by), at)
    _tell_asker(session, grant, at)


def end(session: Session, business_id: UUID, grant_id: UUID, *, by: User, at: datetime) -> None:
    """End access that runs, at once; an admin's to decide, too."""
    lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    grant = _locked(session, business_id, grant_id)
    _check_state(grant, at, GrantState.RUNNING)
    grant.end(by, at)
    _prove(session, grant, Action.GRANT_ENDED, audit.staff(by), at)
    _tell_asker(session, grant, at)


def grants_of(session: Session, business_id: UUID) -> Sequence[AccessGrant]:
    """Answer what was ever asked of a business, the newest first, with who did what."""
    query = (
        select(AccessGrant)
        .where(AccessGrant.business_id == business_id)
        .options(
            joinedload(AccessGrant.user),
            joinedload(AccessGrant.decider),
            joinedload(AccessGrant.ender),
        )
        .order_by(AccessGrant.asked_at.desc(), AccessGrant.id)
    )
    with within(session, business_id):
        return session.scalars(query.limit(MOST_SHOWN)).all()


def open_grants_of(session: Session, business_id: UUID, at: datetime) -> Sequence[AccessGrant]:
    """Answer what waits for a decision and what runs at a moment, the oldest first."""
    waits = and_(AccessGrant.approved_at.is_(None), AccessGrant.lapses_at > at)
    query = (
        select(AccessGrant)
        .where(
            AccessGrant.business_id == business_id,
            AccessGrant.refused_at.is_(None),
            AccessGrant.ended_at.is_(None),
            or_(waits, AccessGrant.ends_at > at),
        )
        .options(joinedload(AccessGrant.user))
        .order_by(AccessGrant.asked_at, AccessGrant.id)
    )
    return session.scalars(query.limit(MOST_SHOWN)).all()


def _check_may_ask(session: Session, business: Business, by: User, at: datetime) -> None:
    if business.is_canary or business.status == BusinessStatus.CLOSED:
        raise NotFoundError("no such business")
    mine = (Membership.business_id == business.id, Membership.user_id == by.id)
    if session.scalar(select(Membership.id).where(*mine)) is not None:
        raise UserError(f"You work for {business.name} yourself: open it as its member.")
    own = (AccessGrant.business_id == business.id, AccessGrant.user_id == by.id)
    former = session.scalars(select(AccessGrant).where(*own))
    if any(each.state(at) in OPEN for each in former):
        raise UserError("You asked already: wait for the answer, or end what you have first.")
    key = f"grants/{business.id.hex}"
    if not take(session, key=key, allowance=MOST_A_DAY, window=timedelta(days=1), at=at):
        raise UserError(f"{MOST_A_DAY} requests went to this business today. Ask tomorrow.")


def _locked(session: Session, business_id: UUID, grant_id: UUID) -> AccessGrant:
    found = session.scalar(
        select(AccessGrant)
        .where(AccessGrant.id == grant_id, AccessGrant.business_id == business_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("no such grant")
    return found


def _check_state(grant: AccessGrant, at: datetime, needed: GrantState) -> None:
    state = grant.state(at)
    if state != needed:
        raise UserError(DECIDED.get(state, "Nobody has approved this request yet."))


def _close(grant: AccessGrant, by: User, at: datetime) -> bool:
    """End what is asked for or runs; answer whether it ran."""
    state = grant.state(at)
    if state not in OPEN:
        raise UserError(DECIDED[state])
    grant.end(by, at)
    return state == GrantState.RUNNING


def _tell_asker(session: Session, grant: AccessGrant, at: datetime) -> None:
    kind, state = DeliveryKind.GRANT_DECIDED, grant.state(at)
    mail = Owed(
        kind,
        key=f"{kind}/{grant.id.hex}/{state}",
        business_id=grant.business_id,
        address=grant.user.email,
        user_id=grant.user_id,
        facts={"grant": str(grant.id), "state": state},
    )
    owe(session, [mail], at=at)


def _tell_business(session: Session, grant: AccessGrant, at: datetime) -> None:
    people = session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.business_id == grant.business_id,
            Membership.role.in_(TOLD),
            User.disabled_at.is_(None),
        )
    )
    kind, facts = DeliveryKind.GRANT_ASKED, {"grant": str(grant.id)}
    mails = [
        Owed(
            kind,
            key=f"{kind}/{grant.id.hex}/{id_.hex}",
            business_id=grant.business_id,
            address=email,
            user_id=id_,
            facts=facts,
        )
        for id_, email in people
    ]
    owe(session, mails, at=at)


def _prove(
    session: Session,
    grant: AccessGrant,
    action: Action,
    by: Actor,
    at: datetime,
    **facts: str | int,
) -> None:
    session.flush()
    audit.write_each(session, *deeds_of(session, grant, action, by, at, **facts))


def deeds_of(
    session: Session,
    grant: AccessGrant,
    action: Action,
    by: Actor,
    at: datetime,
    **facts: str | int,
) -> list[Deed]:
    """Answer it for the business's trail and the operator's; each knows its own people by name."""
    subject, told = audit.about(grant), {"grant": str(grant.id)} | facts
    deeds = [Deed(grant.business_id, action, by, at, subject, told)]
    operator = operators_business(session)
    if operator is not None and operator != grant.business_id:
        ours = by if by.kind is ActorKind.OPERATOR else Actor(by.kind, by.id)
        elsewhere = told | {"business": str(grant.business_id)}
        deeds.append(Deed(operator, action, ours, at, subject, elsewhere))
    return deeds
