"""Other requests that may be the same person's: looked up, shown, and never acted upon.

An address or a number says little of who asks: it may be shared, forged, or an agent's. So nothing
here is merged, changed, or taken as a proof of identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import joinedload

from voiceline.models import Call, PrivacyRequest, Requester

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MOST_SHOWN = 5
MOST_COUNTED = 100
"""Of each kind of likeness; a relay service's number is that of thousands."""

EMAIL, PHONE = "same e-mail address", "same telephone number"


@dataclass(frozen=True)
class RelatedRequest:
    """One request, and what it shares with the one it was looked up for."""

    request: PrivacyRequest
    likeness: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """The newest of them, and how many there are."""

    shown: tuple[RelatedRequest, ...]
    count: int
    """At most MOST_COUNTED; then there may be more."""


def related_to(session: Session, request: PrivacyRequest) -> Related:
    """Answer requests to the same business from the same address or number, newest first.

    Two statements at most, and none where nothing is known to look for. A withheld number is
    none. What a business holds of a consumer stays with it: others' requests are never looked at.
    """
    branches = _branches(request)
    if not branches:
        return Related((), 0)
    likeness: dict[UUID, set[str]] = {}
    for id_, how in session.execute(union_all(*(select(each.subquery()) for each in branches))):
        likeness.setdefault(id_, set()).add(how)
    likeness.pop(request.id, None)
    if not likeness:
        return Related((), 0)
    found = session.scalars(
        select(PrivacyRequest)
        .where(PrivacyRequest.id.in_(likeness), PrivacyRequest.business_id == request.business_id)
        .order_by(PrivacyRequest.received_at.desc(), PrivacyRequest.id)
        .limit(MOST_SHOWN)
        .options(joinedload(PrivacyRequest.rights))
    ).unique()
    newest = tuple(RelatedRequest(each, tuple(sorted(likeness[each.id]))) for each in found)
    return Related(newest, min(len(likeness), MOST_COUNTED))


def _branches(request: PrivacyRequest) -> list[Select[UUID, str]]:
    requester, call = request.requester, request.call
    branches = []
    if requester and requester.email:
        branches.append(_requesters(request, Requester.email == requester.email, EMAIL))
    numbers = {requester.phone if requester else None, call.caller_id if call else None} - {None}
    if numbers:
        branches.append(_requesters(request, Requester.phone.in_(numbers), PHONE))
        branches += [_callers(request, str(number)) for number in sorted(map(str, numbers))]
    return branches


def _requesters(request: PrivacyRequest, same: object, how: str) -> Select[UUID, str]:
    return (
        select(Requester.request_id, literal(how).label("how"))
        .where(Requester.business_id == request.business_id, same)  # type: ignore[arg-type]
        .limit(MOST_COUNTED + 1)
    )


def _callers(request: PrivacyRequest, number: str) -> Select[UUID, str]:
    """Look for calls by the index of numbers, the newest first."""
    return (
        select(PrivacyRequest.id, literal(PHONE).label("how"))
        .join(Call, Call.id == PrivacyRequest.call_id)
        .where(Call.business_id == request.business_id, Call.caller_id == number)
        .order_by(Call.started_at.desc())
        .limit(MOST_COUNTED + 1)
    )
