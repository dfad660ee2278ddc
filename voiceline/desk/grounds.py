"""What a reason for a refusal rests on in the case itself, beside the table of reasons.

That nobody could be verified is no reason while nobody has tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from voiceline.desk.identity import proven
from voiceline.errors import DenialError, IdentityError
from voiceline.letters.offers import reached
from voiceline.models import IdentityCheck, Letter
from voiceline.rules.denials import Code
from voiceline.rules.identity import LEVELS, Level, check_proven
from voiceline.rules.letters import LetterKind, Way
from voiceline.rules.rights import RIGHTS, Verification
from voiceline.rules.standings import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest, RequestedRight
    from voiceline.rules.denials import Reason

UNTRIED = (
    "Nobody has tried to verify who asks: send the letter that asks for proof, or write down the "
    "check that failed, before you refuse it as unverified."
)
VERIFIED = (
    "Who asks was verified. If that holds no longer, write down the check that failed, before you "
    "refuse it as unverified."
)
NO_HOUSEHOLD = (
    "It is not noted that this is asked for a household: note for whom it is asked first. Who asks "
    "for their own data has the right."
)

_SURE = {Verification.HIGH, Verification.BY_SENSITIVITY, Verification.ARTICLE_5}
"""Rights for which a reasonable degree may be too little: sensitive data take more."""

_TO_THE_CONSUMER = {Way.EMAIL, Way.POST, Way.OTHER}


def missing_grounds(
    session: Session, request: PrivacyRequest, right: RequestedRight
) -> dict[Code, str]:
    """Answer the reasons that do not hold in this case yet, each with what is to be done first."""
    unverified = _missing_for_unverified(session, request, right)
    found = {Code.UNVERIFIED: unverified} if unverified else {}
    excluded = STANDINGS[request.standing].not_applicable if request.standing else frozenset()
    if right.right not in excluded:
        found[Code.HOUSEHOLD] = NO_HOUSEHOLD
    return found


def check_grounds(
    session: Session,
    request: PrivacyRequest,
    right: RequestedRight,
    reasons: Sequence[Reason],
) -> None:
    """Raise DenialError for a reason that nothing in the case stands behind."""
    missing = missing_grounds(session, request, right)
    for reason in reasons:
        if reason.code in missing:
            raise DenialError(missing[reason.code])


def _missing_for_unverified(
    session: Session, request: PrivacyRequest, right: RequestedRight
) -> str | None:
    checks = session.execute(
        select(IdentityCheck.passed, IdentityCheck.level)
        .where(IdentityCheck.request_id == request.id, IdentityCheck.undone_at.is_(None))
        .order_by(IdentityCheck.at, IdentityCheck.passed.desc())
    ).all()
    if checks and not checks[-1].passed:
        return None
    if _is_proven(session, request, right):
        return VERIFIED
    tried = any(not check.passed or check.level != Level.NONE for check in checks)
    return None if tried or _asked_for_proof(session, request) else UNTRIED


def _is_proven(session: Session, request: PrivacyRequest, right: RequestedRight) -> bool:
    level, methods = proven(session, request)
    try:
        check_proven(right.right, request.standing, level, methods)
    except IdentityError:
        return False
    verification = RIGHTS[right.right].verification if right.right else None
    needed = Level.HIGH if verification in _SURE else Level.REASONABLE
    return LEVELS.index(level) >= LEVELS.index(needed)


def _asked_for_proof(session: Session, request: PrivacyRequest) -> bool:
    """Tell whether a letter that asks for proof went out, and did not come back."""
    letters = session.scalars(
        select(Letter)
        .where(Letter.request_id == request.id, Letter.kind == LetterKind.IDENTITY_ASKED)
        .options(joinedload(Letter.delivery))
    )
    return any(letter.way in _TO_THE_CONSUMER and reached(letter) for letter in letters)
