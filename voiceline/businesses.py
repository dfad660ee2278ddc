"""The verbs of a business's own things: its account and its codes; and of callers turned away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from voiceline import audit
from voiceline.audit import OPERATOR, Action, Actor, Deed
from voiceline.database import insert_once
from voiceline.errors import NotFoundError, UserError
from voiceline.models import BlockedCaller, Business, ServiceCode
from voiceline.policies import in_force
from voiceline.rules.caller_ids import read_caller_id
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier
from voiceline.rules.service_codes import OPERATOR_CODE, complaint_about

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


def open_business(
    session: Session,
    *,
    name: str,
    tier: AccountTier,
    at: datetime,
    time_zone: str | None = None,
    notify_address: str | None = None,
    trial_ends_at: datetime | None = None,
) -> Business:
    """Open an account; the name is what callers hear."""
    if not name.strip():
        raise UserError("A business needs a name: callers hear it.")
    business = Business(
        name=name.strip()[:200],
        tier=tier,
        status=BusinessStatus.ACTIVE,
        opened_at=at,
        policy_version=in_force(session, at),
        notify_address=notify_address,
        trial_ends_at=trial_ends_at if tier == AccountTier.TRIAL else None,
    )
    if time_zone:
        business.time_zone = time_zone
    session.add(business)
    session.flush()
    return business


def set_trial_end(
    session: Session, business: Business, until: datetime, *, by: Actor, at: datetime
) -> None:
    """Let a trial last until then; raises UserError for an account that is none."""
    if business.tier != AccountTier.TRIAL:
        raise UserError(f"{business.name} is not on trial: its account has no end.")
    business.trial_ends_at = until
    facts = {"until": until.date().isoformat()}
    deed = Deed(business.id, Action.BUSINESS_TRIAL_SET, by, at, audit.about(business), facts)
    audit.write(session, deed)


def suspend(session: Session, business: Business, *, by: Actor, at: datetime) -> None:
    """Stop answering for the business; what it has stays. Raises UserError for the operator's."""
    if any(code.code == OPERATOR_CODE for code in business.service_codes):
        raise UserError("Messages of callers who know no code come here: this line stays open.")
    business.suspend()
    audit.write(
        session, Deed(business.id, Action.BUSINESS_SUSPENDED, by, at, audit.about(business))
    )


def resume(session: Session, business: Business, *, by: Actor, at: datetime) -> None:
    """Answer for a suspended business again."""
    business.resume()
    audit.write(session, Deed(business.id, Action.BUSINESS_RESUMED, by, at, audit.about(business)))


def withdraw_code(session: Session, code: ServiceCode, *, by: Actor, at: datetime) -> None:
    """Let a code answer no longer, for ever: nobody else is given it."""
    if code.withdrawn_at is not None:
        return
    if code.code == OPERATOR_CODE:
        raise UserError("Messages of callers who know no code come here: this code stays.")
    code.withdrawn_at = at
    session.flush()
    facts = {"code": code.code}
    deed = Deed(code.business_id, Action.CODE_WITHDRAWN, by, at, audit.about(code), facts)
    audit.write(session, deed)


def assign_code(
    session: Session,
    business: Business,
    code: str,
    *,
    by: Actor,
    at: datetime,
    brand: str | None = None,
    dedicated_number: str | None = None,
) -> ServiceCode:
    """Give the business a code; a code is nobody else's, now or ever."""
    if complaint := complaint_about(code):
        raise UserError(complaint)
    if code == OPERATOR_CODE and session.scalar(select(func.count()).select_from(ServiceCode)):
        raise UserError(f"{code} is reserved for the operator.")
    if dedicated_number and read_caller_id(dedicated_number).number is None:
        raise UserError(f"{dedicated_number} is not a phone number such as +18005550100.")
    taken = session.scalar(
        select(ServiceCode.code).where(
            or_(
                ServiceCode.code == code,
                ServiceCode.dedicated_number == (dedicated_number or "none"),
            )
        )
    )
    if taken is not None:
        what = f"Code {code}" if taken == code else f"Number {dedicated_number}"
        raise UserError(f"{what} is taken; choose another.")
    service_code = ServiceCode(
        business_id=business.id, code=code, brand=brand, dedicated_number=dedicated_number
    )
    session.add(service_code)
    session.flush()
    subject = audit.about(service_code)
    audit.write(session, Deed(business.id, Action.CODE_ASSIGNED, by, at, subject, {"code": code}))
    return service_code


def open_operator(session: Session, *, name: str, at: datetime) -> Business:
    """Open the operator's own account under its reserved code, or answer the one there is."""
    found = session.scalar(select(ServiceCode).where(ServiceCode.code == OPERATOR_CODE))
    if found is not None:
        return found.business
    operator = open_business(session, name=name, tier=AccountTier.ENTERPRISE, at=at)
    assign_code(session, operator, OPERATOR_CODE, by=OPERATOR, at=at)
    return operator


def find_business(session: Session, word: str) -> Business:
    """Answer the business with this service code or name; raises NotFoundError with advice."""
    found = session.scalars(
        select(Business)
        .outerjoin(ServiceCode)
        .where(or_(ServiceCode.code == word, func.lower(Business.name) == word.lower()))
        .distinct()
    ).all()
    if len(found) == 1:
        return found[0]
    what = "No business has" if not found else "Several businesses have"
    raise NotFoundError(f"{what} the code or name {word!r}: see `voiceline business list`.")


def find_service_code(session: Session, code: str) -> ServiceCode:
    """Answer the code, or raise NotFoundError with advice."""
    found = session.scalar(select(ServiceCode).where(ServiceCode.code == code))
    if found is None:
        raise NotFoundError(f"There is no service code {code}: see `voiceline business list`.")
    return found


def block_caller(session: Session, number: str, *, reason: str, at: datetime) -> None:
    """Reject the number's calls from now on, unanswered and unbilled."""
    if read_caller_id(number).number is None:
        raise UserError(f"{number} is not a phone number such as +14155550123.")
    session.execute(
        insert_once(session, BlockedCaller).values(
            number=number, reason=reason[:200], created_at=at
        )
    )


def unblock_caller(session: Session, number: str) -> None:
    """Answer the number's calls again."""
    found = session.get(BlockedCaller, number)
    if found is None:
        raise NotFoundError("That number is not blocked.")
    session.delete(found)


def list_businesses(session: Session) -> Sequence[Business]:
    """Answer all businesses by name; the one that canary calls reach is nobody's."""
    real = Business.is_canary.is_(False)
    return session.scalars(select(Business).where(real).order_by(Business.name)).all()
