"""The verbs of an enterprise's own bucket: typed, proven, connected, disconnected.

Nothing is connected that a test did not prove a moment ago, as it is typed now. The test talks to
AWS, so no transaction is open meanwhile; what it proved is noted only where nobody typed anything
else in between. The caller of a verb commits.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.authority import check_role, lock_team
from voiceline.errors import NotFoundError, UserError
from voiceline.models import ArchiveCopy, ArchiveDestination, ArchiveState, Role
from voiceline.ports import ArchivePlace
from voiceline.rules.archive import (
    SESSION_SECONDS,
    Destination,
    as_text,
    external_id,
    permission_policy,
)
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.archive_proofs import Proof
    from voiceline.models import Business, User

SECRET_BYTES = 16


def destination_of(session: Session, business_id: UUID) -> ArchiveDestination | None:
    """Answer where the business wants its copies, if it ever said so."""
    return session.scalar(
        select(ArchiveDestination).where(ArchiveDestination.business_id == business_id)
    )


def may_copy(row: ArchiveDestination, business: Business) -> bool:
    """Tell whether copies may go there now: connected, on the plan that has it, and not closed."""
    return row.state is ArchiveState.CONNECTED and has_plan(business)


def has_plan(business: Business) -> bool:
    """Tell whether the business may have copies at all."""
    return business.tier is AccountTier.ENTERPRISE and business.status is not BusinessStatus.CLOSED


def where_to(row: ArchiveDestination) -> str:
    """Answer the bucket and the prefix in it, as a copy notes where it lies."""
    return f"{row.bucket}/{row.prefix}"


def named(row: ArchiveDestination) -> Destination:
    """Answer the destination as its owner named it."""
    return Destination(row.role_arn, row.bucket, row.region, row.prefix, row.kms_key)


def place_of(row: ArchiveDestination) -> ArchivePlace:
    """Answer the bucket as the adapter asks for it, with all that a session may do."""
    to = named(row)
    return ArchivePlace(
        role_arn=to.role_arn,
        bucket=to.bucket,
        region=to.region,
        prefix=to.prefix,
        owner=to.account,
        kms_key=to.kms_key,
        policy=as_text(permission_policy(to)),
        session_seconds=SESSION_SECONDS,
    )


def name_place(
    session: Session, business_id: UUID, to: Destination, *, by: User, at: datetime
) -> ArchiveDestination:
    """Note where the copies shall go; until it is proven, none goes anywhere.

    The ExternalId is made once and outlives every change of the rest.
    """
    business = _owned(session, business_id, by)
    _check_plan(business)
    row = _locked(session, business_id)
    if row is None:
        made = external_id(secrets.token_bytes(SECRET_BYTES))
        row = ArchiveDestination(business_id=business_id, external_id=made, version=0)
        session.add(row)
    row.role_arn, row.bucket, row.region = to.role_arn, to.bucket, to.region
    row.prefix, row.kms_key = to.prefix, to.kms_key
    row.state, row.version = ArchiveState.DRAFT, row.version + 1
    row.proofs, row.proven_at, row.connected_at = [], None, None
    session.flush()
    _prove(session, Action.ARCHIVE_NAMED, row, business, by, at)
    return row


def note_proofs(
    session: Session,
    business_id: UUID,
    version: int,
    proofs: Sequence[Proof],
    *,
    by: User,
    at: datetime,
) -> ArchiveDestination:
    """Keep what a test showed of that version: connected is what held altogether, and only that."""
    business = _owned(session, business_id, by)
    _check_plan(business)
    row = _locked(session, business_id)
    if row is None:
        raise NotFoundError("no destination was named")
    if row.version != version:
        raise UserError("The destination was changed while it was tested. Test it again.")
    row.proofs, row.proven_at = [asdict(each) for each in proofs], at
    holds = bool(proofs) and all(each.held for each in proofs)
    if holds and row.state is not ArchiveState.CONNECTED:
        row.state, row.connected_at, row.disconnected_at = ArchiveState.CONNECTED, at, None
        row.wanted_since = row.wanted_since or at
        _owe_what_lies_elsewhere(session, row, at)
        _prove(session, Action.ARCHIVE_CONNECTED, row, business, by, at)
    elif not holds and row.state is ArchiveState.CONNECTED:
        row.state, row.disconnected_at = ArchiveState.DRAFT, at
        _prove(session, Action.ARCHIVE_DISCONNECTED, row, business, by, at)
    if holds:
        row.rest(until=at)
    session.flush()
    return row


def disconnect(session: Session, business_id: UUID, *, by: User, at: datetime) -> None:
    """Send nothing there any more, on whatever plan; what is there is the business's own."""
    business = _owned(session, business_id, by)
    row = _locked(session, business_id)
    if row is None or row.state is ArchiveState.DISCONNECTED:
        raise UserError("No bucket is connected.")
    row.state, row.disconnected_at = ArchiveState.DISCONNECTED, at
    row.wanted_since, row.version = None, row.version + 1
    row.rest()
    session.flush()
    _prove(session, Action.ARCHIVE_DISCONNECTED, row, business, by, at)


def hold_back(session: Session, business_id: UUID, *, on: bool, by: User, at: datetime) -> None:
    """Let what has no copy yet outlive its last day for a while, or not."""
    business = _owned(session, business_id, by)
    row = _locked(session, business_id)
    if row is None:
        raise NotFoundError("no destination was named")
    if row.holds_back is not on:
        row.holds_back = on
        session.flush()
        _prove(session, Action.ARCHIVE_HOLDING, row, business, by, at, holds_back=on)


def _owe_what_lies_elsewhere(session: Session, row: ArchiveDestination, at: datetime) -> None:
    """Owe again what was copied into another place: this one is to have it all."""
    session.execute(
        update(ArchiveCopy)
        .where(ArchiveCopy.business_id == row.business_id, ArchiveCopy.place != where_to(row))
        .values(archived_at=None, due_at=at)
        .execution_options(synchronize_session=False)
    )


def _owned(session: Session, business_id: UUID, by: User) -> Business:
    business = lock_team(session, business_id)
    check_role(session, business_id, by, Role.OWNER)
    return business


def _check_plan(business: Business) -> None:
    if business.tier is not AccountTier.ENTERPRISE:
        raise UserError("A bucket of your own needs the enterprise plan.")


def _locked(session: Session, business_id: UUID) -> ArchiveDestination | None:
    return session.scalar(
        select(ArchiveDestination)
        .where(ArchiveDestination.business_id == business_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _prove(
    session: Session,
    action: Action,
    row: ArchiveDestination,
    business: Business,
    by: User,
    at: datetime,
    **more: bool,
) -> None:
    facts: dict[str, str | int | bool | None] = {
        "account": place_of(row).owner,
        "version": row.version,
        **more,
    }
    deed = Deed(business.id, action, audit.staff(by), at, audit.about(business), facts)
    audit.write(session, deed)
