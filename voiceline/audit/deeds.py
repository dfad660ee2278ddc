"""What an entry says: one deed, in words that never change and facts that are never a caller's.

Each action lists the facts it may carry, and a fact is a number, a flag or one plain word: there is
no place for a sentence, a name or an address. So whatever is erased elsewhere, no chain breaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from voiceline.models import (
    ActorKind,
    Business,
    PrivacyRequest,
    ServiceCode,
    User,
    Voicemail,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

Plain = str | int | bool | None


class Action(StrEnum):
    """What can be done; a word once written stays as it is."""

    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_SIGNED_OUT = "person.signed_out"
    ACCESS_REFUSED = "access.refused"
    REQUEST_OPENED = "request.opened"
    VOICEMAIL_LISTENED = "voicemail.listened"
    VOICEMAIL_DOWNLOADED = "voicemail.downloaded"
    BUSINESS_TIER_CHANGED = "business.tier_changed"
    BUSINESS_SUSPENDED = "business.suspended"
    BUSINESS_RESUMED = "business.resumed"
    CODE_ASSIGNED = "code.assigned"


FACTS: dict[Action, frozenset[str]] = {
    Action.PERSON_SIGNED_IN: frozenset(),
    Action.PERSON_SIGNED_OUT: frozenset({"everywhere"}),
    Action.ACCESS_REFUSED: frozenset(),
    Action.REQUEST_OPENED: frozenset(),
    Action.VOICEMAIL_LISTENED: frozenset(),
    Action.VOICEMAIL_DOWNLOADED: frozenset(),
    Action.BUSINESS_TIER_CHANGED: frozenset({"from", "to", "voicemails"}),
    Action.BUSINESS_SUSPENDED: frozenset(),
    Action.BUSINESS_RESUMED: frozenset(),
    Action.CODE_ASSIGNED: frozenset({"code"}),
}
"""The facts an action may carry; another name is refused."""

PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
LARGEST = 2**53
"""Whole numbers up to here are the same in every reader of JSON."""

SUBJECTS: dict[type, str] = {
    Business: "business",
    PrivacyRequest: "request",
    ServiceCode: "code",
    User: "person",
    Voicemail: "voicemail",
}


@dataclass(frozen=True)
class Actor:
    """Who did it; the name as it is now, for those who have one."""

    kind: ActorKind
    id: UUID | None = None
    name: str | None = None


SYSTEM = Actor(ActorKind.SYSTEM)
"""The service by itself."""

OPERATOR = Actor(ActorKind.OPERATOR)
"""Whoever types commands."""


@dataclass(frozen=True)
class Subject:
    """What it was done to, and the request that this is part of."""

    kind: str
    id: UUID
    request_id: UUID | None = None


@dataclass(frozen=True)
class Deed:
    """One thing that was done, complete but for its place in the chain."""

    business_id: UUID
    action: Action
    by: Actor
    at: datetime
    subject: Subject
    facts: Mapping[str, Plain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if odd := set(self.facts) - FACTS[self.action]:
            raise ValueError(f"{self.action} has no fact {', '.join(sorted(odd))}")
        for name, value in self.facts.items():
            if not _is_plain(value):
                raise ValueError(f"the fact {name} of {self.action} is not plain")


def staff(user: User) -> Actor:
    """Answer the colleague as who does something."""
    return Actor(ActorKind.STAFF, user.id, user.name)


def consumer(request: PrivacyRequest) -> Actor:
    """Answer whoever made the request; the request is all we know them by."""
    return Actor(ActorKind.CONSUMER, request.id)


def about(
    row: Business | PrivacyRequest | ServiceCode | User | Voicemail,
    request: PrivacyRequest | None = None,
) -> Subject:
    """Answer the row as what something is done to, as a part of the request if one is given."""
    part_of = row if isinstance(row, PrivacyRequest) else request
    return Subject(SUBJECTS[type(row)], row.id, part_of.id if part_of else None)


def _is_plain(value: Plain) -> bool:
    if isinstance(value, str):
        return PLAIN_WORD.fullmatch(value) is not None
    return value is None or (isinstance(value, int) and abs(value) <= LARGEST)
