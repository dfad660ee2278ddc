"""The operator's people, in tests: Olga, who runs the line, as whichever role is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories import AT, make_business, make_code, make_member, make_user
from sqlalchemy import select
from staff import signed_in

from voiceline.audit.reading import entries_of
from voiceline.grants import LAPSES
from voiceline.models import AccessGrant, Role, ServiceCode
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Business, User

TIER = AccountTier.ENTERPRISE


def make_operator(session: Session, role: Role = Role.ADMIN, name: str = "Olga Ortiz") -> User:
    """Add somebody who works for the operator, and the operator if there is none."""
    code = session.scalar(select(ServiceCode).where(ServiceCode.code == OPERATOR_CODE))
    code = code or make_code(session, make_business(session, "Voiceline", tier=TIER), OPERATOR_CODE)
    user = make_user(session, name)
    make_member(session, code.business, user, role)
    return user


def make_grant(session: Session, business: Business, user: User, *, by: User) -> AccessGrant:
    """Add an hour in which somebody may read a business, of which the trail knows nothing."""
    grant = AccessGrant(
        business_id=business.id,
        user_id=user.id,
        reason="Bob asked us to look.",
        seconds=3600,
        asked_at=AT,
        lapses_at=AT + LAPSES,
    )
    grant.approve(by, AT)
    session.add(grant)
    session.flush()
    return grant


def audit_of(services: Services, business: Business) -> list[tuple[str, str, str | None]]:
    """Answer a business's entries, the oldest first: the action, who did it, under which name."""
    with services.sessions() as session:
        found = reversed(entries_of(session, business.id, limit=500))
        return [(e.entry.action, e.entry.actor_kind.value, e.name) for e in found]


def operators_browser(app: Flask, services: Services, role: Role = Role.ADMIN) -> FlaskClient:
    with services.sessions.begin() as session:
        user = make_operator(session, role, f"{role.value.capitalize()} Ortiz")
    return signed_in(app, user)
