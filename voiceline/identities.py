"""The verbs of identities: who has come from a provider, and what that makes of them here.

A person is (issuer, subject), and nothing else. An e-mail address that a provider tells links
nobody to anybody: who has it as a user here proves that in the way they did before. It only counts,
when the provider has verified it, towards a place in the business whose verified domain it ends
with, and only from that business's own provider (security.md 5). Functions leave the commit to
their caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from voiceline import pending_sign_ins
from voiceline.account_mails import tell_changed
from voiceline.account_proofs import prove
from voiceline.accounts import add_member, keep_user
from voiceline.audit import SYSTEM, Action
from voiceline.email_addresses import read_email
from voiceline.errors import NotFoundError, UserError
from voiceline.last_way import check_not_last
from voiceline.login_sessions import sign_out_everywhere
from voiceline.models import Identity, IdentityProvider, Membership, User, VerifiedDomain
from voiceline.sign_ups import forget_address

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import LoginSession


@dataclass(frozen=True)
class Arrival:
    """Somebody as a provider tells of them."""

    issuer: str
    subject: str
    email: str | None = None
    verified: bool = False
    name: str | None = None
    provider_id: UUID | None = None
    """The business's own provider; None for one that is everybody's."""


class Next(Enum):
    """What follows for who arrived."""

    SIGN_IN = "sign_in"
    PROVE = "prove"
    """There is a user with this address: prove to be that one first."""
    SIGN_UP = "sign_up"
    """A verified address that nobody here knows."""
    UNKNOWN = "unknown"
    """Nobody here, with nothing to go by."""


def arrive(session: Session, arrival: Arrival, at: datetime) -> tuple[Next, User | None]:
    """Answer what follows, and for whom; a colleague of a verified domain joins by it."""
    known = _find(session, arrival)
    if known is not None:
        if known.user.disabled_at is not None:
            return Next.UNKNOWN, None
        known.used_at = at
        return Next.SIGN_IN, known.user
    email = read_email(arrival.email or "") if arrival.verified else None
    if email is None:
        return Next.UNKNOWN, None
    user = session.scalar(select(User).where(User.email == email))
    if user is not None:
        return (Next.UNKNOWN, None) if user.disabled_at else (Next.PROVE, user)
    provider = _provider_of_domain(session, arrival, email)
    if provider is not None:
        return Next.SIGN_IN, _join(session, arrival, provider, email, at)
    return Next.SIGN_UP, None


def link(
    session: Session,
    user: User,
    arrival: Arrival,
    at: datetime,
    *,
    login: LoginSession | None = None,
) -> Identity:
    """Let the provider's account sign the person in from now on, or raise UserError.

    `login`: the session in which it was asked for; it alone goes on.
    """
    identity = _add(session, user, arrival, at)
    prove(session, user, Action.PERSON_IDENTITY_LINKED, at, identity=str(identity.id))
    _follow_change(session, user, "identity_linked", login, at)
    return identity


def unlink(session: Session, login: LoginSession, identity_id: UUID, at: datetime) -> None:
    """Let the provider's account sign the person in no more; UserError for their last way in."""
    mine = Identity.id == identity_id, Identity.user_id == login.user_id
    gone = session.scalar(delete(Identity).where(*mine).returning(Identity.id))
    if gone is None:
        raise NotFoundError("no such identity")
    check_not_last(session, login.user)
    prove(session, login.user, Action.PERSON_IDENTITY_UNLINKED, at, identity=str(gone))
    _follow_change(session, login.user, "identity_unlinked", login, at)


def identities_of(session: Session, user: User) -> list[Identity]:
    """Answer a person's accounts at providers, the oldest first."""
    query = select(Identity).where(Identity.user_id == user.id)
    return list(session.scalars(query.order_by(Identity.created_at, Identity.id)))


def is_whose(session: Session, arrival: Arrival, user: User) -> bool:
    """Tell whether who arrived is that very person."""
    known = _find(session, arrival)
    return known is not None and known.user_id == user.id


def make_person(session: Session, arrival: Arrival, email: str, at: datetime) -> User:
    """Add a person without a password, whom the provider signs in."""
    user = keep_user(session, email, arrival.name or email, None, at)
    forget_address(session, email)  # whoever asked for it without proof gives way
    _add(session, user, arrival, at)
    return user


def _find(session: Session, arrival: Arrival) -> Identity | None:
    return session.scalar(
        select(Identity)
        .where(Identity.issuer == arrival.issuer, Identity.subject == arrival.subject)
        .options(joinedload(Identity.user))
    )


def _add(session: Session, user: User, arrival: Arrival, at: datetime) -> Identity:
    identity = Identity(
        user_id=user.id,
        issuer=arrival.issuer,
        subject=arrival.subject,
        email=(arrival.email or "")[:320] or None,
        created_at=at,
        used_at=at,
    )
    try:
        with session.begin_nested():
            session.add(identity)
    except IntegrityError:
        raise UserError("This account signs somebody in already.") from None
    return identity


def _provider_of_domain(session: Session, arrival: Arrival, email: str) -> IdentityProvider | None:
    """Answer the provider one arrived through, where its business has verified the domain."""
    return session.scalar(
        select(IdentityProvider)
        .join(VerifiedDomain, VerifiedDomain.business_id == IdentityProvider.business_id)
        .where(
            IdentityProvider.id == arrival.provider_id,
            IdentityProvider.issuer == arrival.issuer,
            VerifiedDomain.domain == email.rpartition("@")[2],
            VerifiedDomain.verified_at.is_not(None),
        )
        .options(joinedload(IdentityProvider.business))
    )


def _join(
    session: Session, arrival: Arrival, provider: IdentityProvider, email: str, at: datetime
) -> User:
    user = make_person(session, arrival, email, at)
    add_member(session, provider.business, user, provider.default_role, at, by=SYSTEM)
    return user


def _follow_change(
    session: Session, user: User, what: str, login: LoginSession | None, at: datetime
) -> None:
    pending_sign_ins.forget(session, user)
    sign_out_everywhere(session, user, at=at, but=login.id if login else None)
    tell_changed(session, user, what, at=at)


def has_own_ways(session: Session, user: User, provider: IdentityProvider) -> bool:
    """Tell whether a person has a way in, or a place, that is none of the provider's business."""
    elsewhere = select(Membership.id).where(
        Membership.user_id == user.id, Membership.business_id != provider.business_id
    )
    others = select(Identity.id).where(
        Identity.user_id == user.id, Identity.issuer != provider.issuer
    )
    if user.password_hash is not None:
        return True
    return any(session.scalar(query.limit(1)) is not None for query in (elsewhere, others))
