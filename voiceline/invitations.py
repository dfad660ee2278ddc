"""The verbs of invitations: a place in a business, offered by mail to whoever reads it.

The inviter is never told whether an address has an account. The link proves the address; who has
it and is signed in under another one accepts nothing. The caller of a verb commits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.account_mails import owe_mail
from voiceline.accounts import add_member, read_address
from voiceline.audit import Action, Deed
from voiceline.authority import check_may_give, check_role, lock_team, operators_role
from voiceline.errors import NotFoundError, UserError
from voiceline.limits import take
from voiceline.mail_tokens import mail_token, token_hash
from voiceline.models import DeliveryKind, Invitation, Membership, Role, User
from voiceline.rules.lifecycle import BusinessStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import Business

LASTS = timedelta(days=7)
MOST_RESENT = 3
RESEND_WINDOW = timedelta(hours=6)
MOST_A_DAY = 100
"""Invitations of one business in a day: mail to strangers, in its name."""

NO_MORE = "This invitation does not hold any more. Ask for another one."
FORGOTTEN_AFTER = timedelta(days=90)


def invite(
    session: Session,
    business_id: UUID,
    email: str,
    role: Role,
    *,
    by: User,
    secret: str,
    at: datetime,
) -> Invitation:
    """Offer a place to an address, or raise UserError saying why that cannot be."""
    address = read_address(email)
    lock_team(session, business_id)
    check_may_give(check_role(session, business_id, by, Role.ADMIN), role)
    if _is_member(session, business_id, address):
        raise UserError(f"{address} belongs to a colleague already: change the role in the list.")
    key = f"invitations/{business_id.hex}"
    if not take(session, key=key, allowance=MOST_A_DAY, window=timedelta(days=1), at=at):
        raise UserError(f"{MOST_A_DAY} people were invited today. Go on tomorrow.")
    invitation = _offer(session, business_id, address, role, by, secret, at)
    _mail(session, invitation, at)
    _prove(session, invitation, Action.PERSON_INVITED, by, at, role=role.value)
    return invitation


def invite_first_owner(
    session: Session, business: Business, email: str, *, by: User, secret: str, at: datetime
) -> Invitation:
    """Offer the place of the first owner in the operator's name, instead of any offer before.

    Raises UserError where somebody belongs to the business: people are then its own affair.
    """
    address = read_address(email)
    if _has_members(session, business.id):
        raise UserError("Somebody works there already: whom else to invite is theirs to say.")
    for former in pending(session, business.id):
        former.revoked_at = at
    session.flush()
    invitation = _offer(session, business.id, address, Role.OWNER, by, secret, at)
    _mail(session, invitation, at)
    facts, actor = {"role": Role.OWNER.value}, audit.operators(by)
    subject = audit.about(invitation)
    audit.write(session, Deed(business.id, Action.PERSON_INVITED, actor, at, subject, facts))
    return invitation


def send_again(
    session: Session, business_id: UUID, invitation_id: UUID, *, by: User, at: datetime
) -> None:
    """Mail the same link once more, and let it hold for a week from now."""
    invitation = _pending(session, business_id, invitation_id, by)
    key = f"invitation/{invitation.id.hex}"
    if not take(session, key=key, allowance=MOST_RESENT, window=RESEND_WINDOW, at=at):
        raise UserError(
            f"It was sent {MOST_RESENT} times within six hours. Ask your colleague to look among "
            "unwanted mail, or try again later."
        )
    invitation.sent_at, invitation.expires_at = at, at + LASTS
    _mail(session, invitation, at)
    _prove(session, invitation, Action.PERSON_INVITED, by, at, role=invitation.role.value)


def revoke(
    session: Session, business_id: UUID, invitation_id: UUID, *, by: User, at: datetime
) -> None:
    """Take the offer back: its link leads nowhere from now on."""
    invitation = _pending(session, business_id, invitation_id, by)
    invitation.revoked_at = at
    _prove(session, invitation, Action.PERSON_INVITATION_REVOKED, by, at)


def revoke_made_by(
    session: Session, business_id: UUID, user: User, *, above: Role | None, at: datetime
) -> None:
    """Take back what somebody offered and may offer no longer; above no role: all of it."""
    made = select(Invitation).where(
        Invitation.business_id == business_id,
        Invitation.invited_by == user.id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    for invitation in session.scalars(made.with_for_update()):
        may_still = above is not None and above.covers(Role.ADMIN) and above.covers(invitation.role)
        invitation.revoked_at = None if may_still else at


def revoke_offered_to(session: Session, business_id: UUID, email: str, *, at: datetime) -> None:
    """Take back what was offered to somebody who has, or had, a place: an old mail is no way in."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.business_id == business_id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )


def pending(session: Session, business_id: UUID) -> Sequence[Invitation]:
    """Answer what is offered and not taken, the newest first; some may have expired."""
    query = select(Invitation).where(
        Invitation.business_id == business_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    newest = query.order_by(Invitation.invited_at.desc(), Invitation.id)
    return session.scalars(newest.options(joinedload(Invitation.inviter))).all()


def look_up(session: Session, token: str) -> Invitation | None:
    """Answer the invitation that the token is, whatever became of it."""
    return session.scalar(
        select(Invitation)
        .where(Invitation.token_sha256 == token_hash(token))
        .options(joinedload(Invitation.business), joinedload(Invitation.inviter))
    )


def find(session: Session, token: str, at: datetime) -> Invitation | None:
    """Answer the invitation that the token is, if it can still be accepted."""
    found = look_up(session, token)
    return found if found is not None and found.is_open(at) else None


def accept(session: Session, invitation: Invitation, user: User, at: datetime) -> Membership:
    """Give the person the place, or raise UserError: once, and to nobody with another address.

    Who has a place there already keeps it as it is.
    """
    business = lock_team(session, invitation.business_id)
    row = select(Invitation).where(Invitation.id == invitation.id).with_for_update()
    session.scalar(row.execution_options(populate_existing=True))
    if not invitation.is_open(at) or business.status == BusinessStatus.CLOSED:
        raise UserError(NO_MORE)
    _check_inviter(session, invitation)
    if user.email != invitation.email:
        raise UserError("This invitation was sent to another address than you sign in with.")
    invitation.accepted_at, invitation.accepted_by = at, user.id
    mine = (Membership.business_id == business.id, Membership.user_id == user.id)
    if place := session.scalar(select(Membership).where(*mine)):
        return place
    return add_member(session, business, user, invitation.role, at, by=audit.staff(user))


def forget_invitations(session: Session, at: datetime) -> int:
    """Delete the invitations that nobody can accept since long; answer how many they were."""
    old = delete(Invitation).where(Invitation.expires_at < at - FORGOTTEN_AFTER)
    return len(session.scalars(old.returning(Invitation.id)).all())


def _offer(
    session: Session,
    business_id: UUID,
    address: str,
    role: Role,
    by: User,
    secret: str,
    at: datetime,
) -> Invitation:
    row_id = uuid4()
    invitation = Invitation(
        id=row_id,
        business_id=business_id,
        email=address,
        role=role,
        token_sha256=token_hash(mail_token(row_id, secret)),
        invited_by=by.id,
        invited_at=at,
        sent_at=at,
        expires_at=at + LASTS,
    )
    try:
        with session.begin_nested():
            session.add(invitation)
    except IntegrityError:
        raise UserError(
            f"{address} is invited already: send the invitation again, or take it back first."
        ) from None
    return invitation


def _pending(session: Session, business_id: UUID, invitation_id: UUID, by: User) -> Invitation:
    lock_team(session, business_id)
    own = check_role(session, business_id, by, Role.ADMIN)
    found = session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.business_id == business_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("no such invitation")
    if found.accepted_at is not None or found.revoked_at is not None:
        raise UserError("This invitation was accepted or taken back meanwhile.")
    check_may_give(own, found.role)
    return found


def _check_inviter(session: Session, invitation: Invitation) -> None:
    """Raise UserError where who invited may not give the place, or not sign in, any more."""
    role = session.scalar(
        select(Membership.role)
        .join(Membership.user)
        .where(
            Membership.business_id == invitation.business_id,
            Membership.user_id == invitation.invited_by,
            User.disabled_at.is_(None),
        )
    )
    if role is None and not _has_members(session, invitation.business_id):
        role = _as_operator(session, invitation)
    if role is None or not role.covers(Role.ADMIN) or not role.covers(invitation.role):
        raise UserError(NO_MORE)


def _as_operator(session: Session, invitation: Invitation) -> Role | None:
    """Answer what the operator's people may give where nobody works yet: an admin, any place."""
    role = operators_role(session, invitation.invited_by)
    return Role.OWNER if role is not None and role.covers(Role.ADMIN) else None


def _has_members(session: Session, business_id: UUID) -> bool:
    query = select(Membership.id).where(Membership.business_id == business_id).limit(1)
    return session.scalar(query) is not None


def _is_member(session: Session, business_id: UUID, address: str) -> bool:
    query = select(Membership.id).join(Membership.user)
    mine = query.where(Membership.business_id == business_id, User.email == address)
    return session.scalar(mine) is not None


def _mail(session: Session, invitation: Invitation, at: datetime) -> None:
    owe_mail(
        session,
        DeliveryKind.INVITATION,
        invitation.email,
        about=invitation.id,
        business_id=invitation.business_id,
        at=at,
    )


def _prove(
    session: Session, invitation: Invitation, action: Action, by: User, at: datetime, **facts: str
) -> None:
    session.flush()
    subject, actor = audit.about(invitation), audit.staff(by)
    audit.write(session, Deed(invitation.business_id, action, actor, at, subject, facts))
