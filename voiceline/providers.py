"""The verbs of a business's own provider of sign-ins: set, tested, required, removed.

Functions leave the commit to their caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.email_addresses import read_email
from voiceline.errors import UserError
from voiceline.models import (
    Identity,
    IdentityProvider,
    LoginSession,
    Membership,
    Role,
    User,
    VerifiedDomain,
)

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.models import Business
    from voiceline.sealed import Sealer

PURPOSE = "provider secret"


@dataclass(frozen=True)
class Wish:
    """A provider as an owner describes it."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    """Empty: the one that is kept already."""
    default_role: Role = Role.VIEWER

    def __post_init__(self) -> None:
        if not self.name or not self.issuer or not self.client_id:
            raise UserError("Give the provider a name, its issuer and our client id there.")
        if len(self.name) > 80 or max(len(self.issuer), len(self.client_id)) > 255:  # noqa: PLR2004
            raise UserError("That is longer than any provider's.")
        if self.default_role not in {Role.VIEWER, Role.AGENT}:
            raise UserError("Who joins by themselves becomes a viewer or an agent.")


def provider_of(session: Session, business_id: UUID) -> IdentityProvider | None:
    """Answer the business's provider, if it has one."""
    return session.scalar(
        select(IdentityProvider).where(IdentityProvider.business_id == business_id)
    )


def find_provider(session: Session, provider_id: UUID) -> IdentityProvider | None:
    """Answer the provider with its business."""
    query = select(IdentityProvider).where(IdentityProvider.id == provider_id)
    return session.scalar(query.options(joinedload(IdentityProvider.business)))


def provider_for(session: Session, email: str) -> IdentityProvider | None:
    """Answer the provider of the business that has verified the address's domain."""
    address = read_email(email)
    return session.scalar(
        select(IdentityProvider)
        .join(VerifiedDomain, VerifiedDomain.business_id == IdentityProvider.business_id)
        .where(
            VerifiedDomain.domain == (address or "").rpartition("@")[2],
            VerifiedDomain.verified_at.is_not(None),
        )
    )


def set_provider(
    session: Session, business: Business, wish: Wish, sealer: Sealer, *, by: User, at: datetime
) -> IdentityProvider:
    """Keep the provider as described; one that is another now has to be tested anew."""
    found = provider_of(session, business.id)
    if business.single_sign_on_only:
        raise UserError("Stop asking everybody for this provider before you change it.")
    if found is None and not wish.client_secret:
        raise UserError("Give the client secret that the provider made for us.")
    if found is None:
        found = IdentityProvider(business_id=business.id, created_at=at)
        session.add(found)
    elif (found.issuer, found.client_id) != (wish.issuer, wish.client_id):
        if not wish.client_secret:
            raise UserError("Another client needs its own secret: give it, too.")
        _end_sessions(session, found)
    found.name, found.issuer, found.client_id = wish.name, wish.issuer, wish.client_id
    found.default_role, found.tested_at = wish.default_role, None
    if wish.client_secret:
        found.sealed_secret = sealer.seal(wish.client_secret, purpose=PURPOSE)
    session.flush()
    facts = {"provider": str(found.id), "role": wish.default_role.value}
    _prove(session, business, Action.BUSINESS_PROVIDER_SET, audit.staff(by), at, **facts)
    return found


def note_tested(
    session: Session, business: Business, provider: IdentityProvider, *, by: User, at: datetime
) -> None:
    """Note that a sign-in through the provider came back to one of its owners."""
    provider.tested_at = at
    facts = {"provider": str(provider.id)}
    _prove(session, business, Action.BUSINESS_PROVIDER_TESTED, audit.staff(by), at, **facts)


def remove_provider(session: Session, business: Business, *, by: User, at: datetime) -> None:
    """Take the provider away; the sessions that came through it end."""
    found = provider_of(session, business.id)
    if business.single_sign_on_only:
        raise UserError("Stop asking everybody for this provider before you remove it.")
    if found is not None:
        _end_sessions(session, found)
        session.execute(delete(IdentityProvider).where(IdentityProvider.id == found.id))
        facts = {"provider": str(found.id)}
        _prove(session, business, Action.BUSINESS_PROVIDER_REMOVED, audit.staff(by), at, **facts)


def set_rules(
    session: Session,
    business: Business,
    login: LoginSession,
    *,
    provider_only: bool,
    second_step: bool,
    at: datetime,
) -> None:
    """Say what the business's pages ask of a session, or raise UserError."""
    provider = provider_of(session, business.id)
    if provider_only and not business.single_sign_on_only:
        if provider is None or provider.tested_at is None:
            raise UserError("Set up the provider and test it before you ask everybody for it.")
        if login.identity_provider_id != provider.id:
            raise UserError(
                f"Sign in with {provider.name} yourself first, so that you are not locked out."
            )
    _write_rules(
        session, business, audit.staff(login.user), at, only=provider_only, step=second_step
    )


def open_to_any(session: Session, business: Business, *, by: Actor, at: datetime) -> None:
    """Let the business's people sign in any way again: the operator's way out."""
    step = business.needs_second_step
    _write_rules(session, business, by, at, only=False, step=step)


def locked_out(session: Session, business_id: UUID) -> list[User]:
    """Answer the members who never came through the business's provider, by name."""
    provider = provider_of(session, business_id)
    came = select(Identity.user_id).where(Identity.issuer == (provider.issuer if provider else ""))
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.business_id == business_id, User.disabled_at.is_(None))
        .where(User.id.not_in(came))
        .order_by(User.name, User.id)
    )
    return list(session.scalars(query))


def _write_rules(
    session: Session, business: Business, by: Actor, at: datetime, *, only: bool, step: bool
) -> None:
    business.single_sign_on_only, business.needs_second_step = only, step
    facts: dict[str, str | int | bool | None] = {"provider_only": only, "second_step": step}
    _prove(session, business, Action.BUSINESS_SIGN_IN_RULES, by, at, **facts)


def _end_sessions(session: Session, provider: IdentityProvider) -> None:
    came_through = LoginSession.identity_provider_id == provider.id
    session.execute(
        delete(LoginSession).where(came_through).execution_options(synchronize_session=False)
    )


def _prove(
    session: Session,
    business: Business,
    action: Action,
    by: Actor,
    at: datetime,
    **facts: str | int | bool | None,
) -> None:
    deed = Deed(business.id, action, by, at, audit.about(business), facts)
    audit.write(session, deed)
