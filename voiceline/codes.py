"""The verbs of a business's service codes, as the business itself may use them.

What is taken, what is reserved, and what is an operator's to give are one answer, so that nobody
learns from a form whose code is whose. The caller of a verb commits.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from voiceline import audit, businesses
from voiceline.audit import Action, Deed
from voiceline.authority import check_role, lock_team
from voiceline.businesses import assign_code
from voiceline.errors import NotFoundError, UserError
from voiceline.limits import opens_at, take
from voiceline.models import Role, ServiceCode
from voiceline.reach import across
from voiceline.rules.plain_text import read_name
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import FREE_DIGITS, FREE_STARTS, may_be_chosen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.audit import Actor
    from voiceline.models import Business, User

MOST_CODES = {AccountTier.TRIAL: 3, AccountTier.SMALL_MEDIUM: 10, AccountTier.ENTERPRISE: 100}
"""Codes of one business that answer at a time; withdrawn ones do not count."""

MOST_A_DAY = {AccountTier.TRIAL: 5, AccountTier.SMALL_MEDIUM: 10, AccountTier.ENTERPRISE: 100}
"""Codes that one business takes in a day: a withdrawn one is never free again, for nobody."""

DAY = timedelta(days=1)
LONGEST_BRAND = 200
TRIES = 20


def codes_of(session: Session, business_id: UUID) -> Sequence[ServiceCode]:
    """Answer a business's codes: those that answer first, then the withdrawn ones."""
    mine = select(ServiceCode).where(ServiceCode.business_id == business_id)
    order = (ServiceCode.withdrawn_at.is_not(None), ServiceCode.code)
    return session.scalars(mine.order_by(*order)).all()


def find_code(session: Session, business_id: UUID, code_id: UUID) -> ServiceCode:
    """Answer the business's code of that id; raises NotFoundError."""
    mine = (ServiceCode.id == code_id, ServiceCode.business_id == business_id)
    found = session.scalar(select(ServiceCode).where(*mine))
    if found is None:
        raise NotFoundError("no such code")
    return found


def suggest_code(session: Session) -> str:
    """Answer a random code that nobody has, had, or can confuse with a number of the network."""
    for _ in range(TRIES):
        first = secrets.choice(FREE_STARTS)
        code = first + "".join(secrets.choice("0123456789") for _ in range(FREE_DIGITS - 1))
        taken = select(ServiceCode.id).where(ServiceCode.code == code)
        with across(session):  # a code is one business's among all
            if session.scalar(taken) is None:
                return code
    raise UserError("No free code was found. Try again.")


def assign_free_code(
    session: Session, business: Business, *, by: Actor, at: datetime
) -> ServiceCode:
    """Give a business that is just being opened its first code."""
    for _ in range(TRIES):
        try:
            with session.begin_nested():
                return assign_code(session, business, suggest_code(session), by=by, at=at)
        except (IntegrityError, UserError):
            continue  # somebody else was given it between the look and the insert
    raise UserError("No free code was found. Try again.")


def take_code(
    session: Session, business_id: UUID, code: str, brand: str, *, by: User, at: datetime
) -> ServiceCode:
    """Give the business another code, or raise UserError."""
    business = lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    answering = (ServiceCode.business_id == business_id, ServiceCode.withdrawn_at.is_(None))
    count = session.scalar(select(func.count()).select_from(ServiceCode).where(*answering)) or 0
    if count >= MOST_CODES[business.tier]:
        raise UserError(
            f"You have {count} codes, which is all that this account may have at a time. Withdraw "
            "one, or ask your operator for another account."
        )
    _check_pace(session, business, at)
    wished, name = "".join(code.split()), _read_brand(brand)
    not_available = UserError(f"Code {wished[:20]} is not available: choose another.")
    if not may_be_chosen(wished):
        raise not_available
    try:
        with across(session), session.begin_nested():
            return assign_code(session, business, wished, by=audit.staff(by), at=at, brand=name)
    except (IntegrityError, UserError):
        raise not_available from None


def give_code(
    session: Session, business: Business, code: str, brand: str, *, by: Actor, at: datetime
) -> ServiceCode:
    """Give the business a code as the operator does: short ones too; raises UserError saying why.

    The caller holds the business's lock.
    """
    wished, name = "".join(code.split()), _read_brand(brand)
    try:
        with across(session), session.begin_nested():
            return assign_code(session, business, wished, by=by, at=at, brand=name)
    except IntegrityError:
        raise UserError(f"Code {wished[:20]} is taken; choose another.") from None


def name_brand(
    session: Session, business_id: UUID, code_id: UUID, brand: str, *, by: User, at: datetime
) -> None:
    """Say which name callers of a code hear; an empty one: the business's own."""
    lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    found, name = find_code(session, business_id, code_id), _read_brand(brand)
    if found.brand == name:
        return
    found.brand = name
    _prove(session, found, Action.CODE_BRANDED, by, at)


def withdraw_code(
    session: Session, business_id: UUID, code_id: UUID, *, by: User, at: datetime
) -> None:
    """Let a code answer no longer, for ever: nobody else is given it."""
    lock_team(session, business_id)
    check_role(session, business_id, by, Role.ADMIN)
    found = find_code(session, business_id, code_id)
    businesses.withdraw_code(session, found, by=audit.staff(by), at=at)


def _check_pace(session: Session, business: Business, at: datetime) -> None:
    """Count a code that is taken; what is refused afterwards is rolled back and counts for none."""
    most, key = MOST_A_DAY[business.tier], f"codes/{business.id.hex}"
    if take(session, key=key, allowance=most, window=DAY, at=at):
        return
    hours = -((at - opens_at(session, key=key, window=DAY)) // timedelta(hours=1))
    raise UserError(
        f"You took {most} codes within a day, which is all that this account may take. "
        f"Take the next one in {hours} {'hour' if hours == 1 else 'hours'}."
    )


def _prove(session: Session, code: ServiceCode, action: Action, by: User, at: datetime) -> None:
    session.flush()
    subject, facts = audit.about(code), {"code": code.code}
    audit.write(session, Deed(code.business_id, action, audit.staff(by), at, subject, facts))


def _read_brand(text: str) -> str | None:
    if not text.strip():
        return None
    if (brand := read_name(text, LONGEST_BRAND)) is None:
        raise UserError(f"A brand has a name of 1 to {LONGEST_BRAND} characters: callers hear it.")
    return brand
