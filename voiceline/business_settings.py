"""The verbs of what a business decides for all who work for it; each change is told by its name.

The caller of a verb commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline import account_links, audit
from voiceline.account_mails import may_mail, owe_mail
from voiceline.accounts import read_address
from voiceline.address_changes import check_limits
from voiceline.audit import Action, Deed
from voiceline.authority import check_role, lock_team
from voiceline.errors import NotFoundError, UserError
from voiceline.models import DeliveryKind, LinkPurpose, Role
from voiceline.rules.plain_text import read_name
from voiceline.rules.time_zones import read_time_zone

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import AccountLink, Business, User

LONGEST_NAME = 200


def change_settings(
    session: Session,
    business_id: UUID,
    *,
    name: str,
    time_zone: str,
    asks_right: bool,
    viewers_read_notes: bool,
    by: User,
    at: datetime,
) -> list[str]:
    """Keep what is filled in, and answer the names of what is another now; raises UserError."""
    spoken = read_name(name, LONGEST_NAME)
    if spoken is None:
        raise UserError(
            f"A business needs a name of 1 to {LONGEST_NAME} characters: callers hear it."
        )
    wanted = {
        "name": spoken,
        "time_zone": read_time_zone(time_zone),
        "asks_right": asks_right,
        "viewers_read_notes": viewers_read_notes,
    }
    business = lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    changed = [field for field, value in wanted.items() if getattr(business, field) != value]
    for field in changed:
        setattr(business, field, wanted[field])
    _prove(session, business, changed, by, at)
    return changed


def ask_address(
    session: Session, business_id: UUID, address: str, *, by: User, secret: str, at: datetime
) -> bool:
    """Owe a link to where the business wants to be told; tell whether one is needed.

    No address: nobody is told from now on. Until the link is followed the old one holds.
    """
    business = lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    account_links.void_business(session, business_id, at)
    if not address.strip():
        _notify_at(session, business, None, by, at)
        return False
    wanted = read_address(address)
    if wanted == business.notify_address:
        return False
    check_limits(session, by, "notify", at)
    if not may_mail(session, wanted, secret=secret, at=at):
        raise UserError("Enough was sent to this address today. Try again in six hours.")
    purpose = LinkPurpose.NOTIFY_ADDRESS
    link = account_links.draw_link(
        session, purpose, by, wanted, secret=secret, at=at, business_id=business_id
    )
    owe_mail(
        session,
        DeliveryKind.NOTIFY_ADDRESS,
        wanted,
        about=link.id,
        at=at,
        user=by,
        business_id=business_id,
    )
    return True


def confirm_address(session: Session, link: AccountLink, at: datetime) -> None:
    """Tell the business at the address from now on, if who asked for it still decides."""
    if link.business_id is None:
        raise NotFoundError("no such business")
    business = lock_team(session, link.business_id)
    check_role(session, business.id, link.user, Role.ADMIN)
    account_links.use_link(session, link, at)
    _notify_at(session, business, link.address, link.user, at)


def _notify_at(
    session: Session, business: Business, address: str | None, by: User, at: datetime
) -> None:
    if business.notify_address != address:
        business.notify_address = address
        _prove(session, business, ["notify_address"], by, at)


def _prove(session: Session, business: Business, fields: list[str], by: User, at: datetime) -> None:
    session.flush()
    subject, actor = audit.about(business), audit.staff(by)
    deeds = [
        Deed(business.id, Action.BUSINESS_SETTING_CHANGED, actor, at, subject, {"field": field})
        for field in fields
    ]
    if deeds:
        audit.write(session, *deeds)
