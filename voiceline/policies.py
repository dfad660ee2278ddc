"""The verbs of the privacy policy's versions: publishing one, and which was in force when.

The policy in force when something was collected governs it (L114), so each request and each
account keeps the name of its version. A material change is told to the owners of every account
by mail, 30 days before it applies.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import select

from voiceline import audit
from voiceline.alarms import tell_people
from voiceline.audit import OPERATOR, Action, Deed
from voiceline.errors import UserError
from voiceline.intake import operator_code
from voiceline.models import Business, DeliveryKind, PolicyVersion, Role
from voiceline.models.policy import NAME_LENGTH
from voiceline.rules.lifecycle import BusinessStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

NOTICE = timedelta(days=30)
"""How long before it applies a material change is told; the policy itself names no time."""

_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{NAME_LENGTH - 1}}}", re.ASCII)


def publish(session: Session, version: PolicyVersion, at: datetime) -> int:
    """Publish a version and tell of it if it is material; answer how many accounts are told.

    Raises UserError for a name or address that is none, for one that is there already, and for a
    day that leaves no time to tell of it, or lies before a version that is there.
    """
    _check(session, version, at)
    session.add(version)
    session.flush()
    told = _tell(session, version, at) if version.material else 0
    operator = operator_code(session).business
    facts: dict[str, str | int | bool | None] = {
        "accounts": told,
        "material": version.material,
        "policy": version.name,
    }
    subject = audit.about(operator)
    deed = Deed(operator.id, Action.POLICY_PUBLISHED, OPERATOR, at, subject, facts)
    audit.write(session, deed)
    return told


def in_force(session: Session, at: datetime) -> str | None:
    """Answer the name of the version in force at that moment; None before the first one."""
    return session.scalar(
        select(PolicyVersion.name)
        .where(PolicyVersion.effective_at <= at)
        .order_by(PolicyVersion.effective_at.desc())
        .limit(1)
    )


def versions(session: Session) -> Sequence[PolicyVersion]:
    """Answer all there are, the newest first."""
    return session.scalars(select(PolicyVersion).order_by(PolicyVersion.effective_at.desc())).all()


def _check(session: Session, version: PolicyVersion, at: datetime) -> None:
    if not _NAME.fullmatch(version.name):
        raise UserError("Name a version by letters, digits, dots and dashes, as 2026-12-01.")
    found = urlsplit(version.address)
    if found.scheme != "https" or not found.hostname or len(version.address) > 500:  # noqa: PLR2004
        raise UserError("Write where its text can be read: an address that begins with https://.")
    before = versions(session)
    if version.name in {each.name for each in before}:
        raise UserError(f"There is a version {version.name} already, and versions do not change.")
    if before and version.effective_at <= before[0].effective_at:
        last = f"{before[0].name}, from {before[0].effective_at:%Y-%m-%d} on"
        raise UserError(f"It must begin after the newest one: {last}.")
    if version.material and before and version.effective_at < at + NOTICE:
        raise UserError(f"A material change is told {NOTICE.days} days before: let it begin later.")


def _tell(session: Session, version: PolicyVersion, at: datetime) -> int:
    """Owe the owners of every account that is not closed the word of it."""
    accounts = session.scalars(
        select(Business.id)
        .where(Business.status != BusinessStatus.CLOSED, ~Business.is_canary)
        .order_by(Business.id)
    ).all()
    facts = {
        "address": version.address,
        "from": version.effective_at.date().isoformat(),
        "policy": version.name,
    }
    for business_id in accounts:
        kind, about = DeliveryKind.POLICY_CHANGED, f"policy/{version.name}"
        tell_people(session, business_id, (Role.OWNER,), kind, about, facts, at=at)
    return len(accounts)
