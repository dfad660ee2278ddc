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
    ComplianceNote,
    NoteAttachment,
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
    PERSON_SIGN_IN_REFUSED = "person.sign_in_refused"
    PERSON_PASSWORD_CHANGED = "person.password_changed"  # noqa: S105 - the name of a deed
    PERSON_JOINED = "person.joined"
    PERSON_NOTICES_CHOSEN = "person.notices_chosen"
    PERSON_CALENDAR_OPENED = "person.calendar_opened"
    PERSON_CALENDAR_CLOSED = "person.calendar_closed"
    ACCESS_REFUSED = "access.refused"
    REQUEST_FILED = "request.filed"
    REQUEST_OPENED = "request.opened"
    REQUEST_ACKNOWLEDGED = "request.acknowledged"
    REQUEST_VERIFIED = "request.verified"
    REQUEST_NOT_VERIFIED = "request.not_verified"
    REQUEST_EXTENDED = "request.extended"
    REQUEST_COMPLETED = "request.completed"
    REQUEST_PARTLY_COMPLETED = "request.partly_completed"
    REQUEST_DENIED = "request.denied"
    REQUEST_REDIRECTED = "request.redirected"
    REQUEST_DEFERRED = "request.deferred"
    REQUEST_RESUMED = "request.resumed"
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_REOPENED = "request.reopened"
    REQUEST_APPEALED = "request.appealed"
    REQUEST_APPEAL_UPHELD = "request.appeal_upheld"
    REQUEST_APPEAL_REVERSED = "request.appeal_reversed"
    REQUEST_APPEAL_WITHDRAWN = "request.appeal_withdrawn"
    REQUEST_RIGHT_NAMED = "request.right_named"
    REQUEST_RIGHT_STRUCK = "request.right_struck"
    REQUEST_RESIDENCE_SET = "request.residence_set"
    REQUEST_STANDING_SET = "request.standing_set"
    REQUEST_CONTACT_SET = "request.contact_set"
    REQUEST_RECEIPT_MOVED = "request.receipt_moved"
    REQUEST_EMAIL_CONFIRMED = "request.email_confirmed"
    REQUEST_LETTER_SENT = "request.letter_sent"
    REQUEST_LETTER_RETURNED = "request.letter_returned"
    REQUEST_UNDONE = "request.undone"
    REQUEST_ENTERED = "request.entered"
    REQUEST_EXPORTED = "request.exported"
    NOTE_ADDED = "note.added"
    NOTE_EDITED = "note.edited"
    NOTE_REMOVED = "note.removed"
    ATTACHMENT_ADDED = "attachment.added"
    ATTACHMENT_DOWNLOADED = "attachment.downloaded"
    VOICEMAIL_LISTENED = "voicemail.listened"
    VOICEMAIL_DOWNLOADED = "voicemail.downloaded"
    VOICEMAIL_EXPIRED = "voicemail.expired"
    BUSINESS_TIER_CHANGED = "business.tier_changed"
    BUSINESS_MAIL_WORDS = "business.mail_words"
    BUSINESS_SUSPENDED = "business.suspended"
    BUSINESS_RESUMED = "business.resumed"
    BUSINESS_SITE_ALLOWED = "business.site_allowed"
    BUSINESS_SITE_FORBIDDEN = "business.site_forbidden"
    CODE_ASSIGNED = "code.assigned"
    CODE_GREETING_SET = "code.greeting_set"
    RECORDS_EXPORTED = "records.exported"
    METRICS_PUBLISHED = "metrics.published"
    METRICS_HIDDEN = "metrics.hidden"


_STEP = frozenset({"right", "entry"})
"""Of each step of casework: the right it was about, and the entry of the history it made."""

_SAID = _STEP | {"words"}
"""Of a step in which a colleague wrote something: a digest that binds it without telling it."""

_DOOR = frozenset({"entry", "channel", "received_on", "rights"})
"""Of a request that came: how, when, and how many rights it named."""

_NOTE = frozenset({"entry", "version", "digest"})
"""Of a note's text: its number, and a digest that binds it without telling it."""

FACTS: dict[Action, frozenset[str]] = {
    Action.PERSON_SIGNED_IN: frozenset(),
    Action.PERSON_SIGNED_OUT: frozenset({"everywhere"}),
    Action.PERSON_SIGN_IN_REFUSED: frozenset(),
    Action.PERSON_PASSWORD_CHANGED: frozenset(),
    Action.PERSON_JOINED: frozenset({"role"}),
    Action.PERSON_NOTICES_CHOSEN: frozenset(
        {"at_once", "daily", "friday", "deadlines", "unassigned"}
    ),
    Action.PERSON_CALENDAR_OPENED: frozenset(),
    Action.PERSON_CALENDAR_CLOSED: frozenset(),
    Action.ACCESS_REFUSED: frozenset(),
    Action.REQUEST_FILED: _DOOR | {"suspected_because"},
    Action.REQUEST_OPENED: frozenset(),
    Action.REQUEST_ACKNOWLEDGED: _STEP | {"how", "given_at"},
    Action.REQUEST_VERIFIED: _STEP | {"method", "level", "check"},
    Action.REQUEST_NOT_VERIFIED: _STEP | {"method", "level", "check"},
    Action.REQUEST_EXTENDED: _SAID | {"by", "rule", "told_on", "appeal"},
    Action.REQUEST_COMPLETED: _SAID,
    Action.REQUEST_PARTLY_COMPLETED: _SAID | {"codes", "appeal_by"},
    Action.REQUEST_DENIED: _SAID | {"codes", "appeal_by"},
    Action.REQUEST_REDIRECTED: _SAID,
    Action.REQUEST_DEFERRED: _SAID | {"due_by"},
    Action.REQUEST_RESUMED: _STEP,
    Action.REQUEST_WITHDRAWN: _STEP | {"rights"},
    Action.REQUEST_REOPENED: _STEP | {"was"},
    Action.REQUEST_APPEALED: _STEP | {"appeal", "decide_by", "rule"},
    Action.REQUEST_APPEAL_UPHELD: _SAID | {"appeal"},
    Action.REQUEST_APPEAL_REVERSED: _SAID | {"appeal", "was", "due_by"},
    Action.REQUEST_APPEAL_WITHDRAWN: _STEP | {"appeal"},
    Action.REQUEST_RIGHT_NAMED: _SAID | {"rule", "respond_by", "instead_of"},
    Action.REQUEST_RIGHT_STRUCK: _STEP,
    Action.REQUEST_RESIDENCE_SET: _STEP | {"residence", "jurisdiction"},
    Action.REQUEST_STANDING_SET: _STEP | {"standing"},
    Action.REQUEST_CONTACT_SET: _STEP | {"changed"},
    Action.REQUEST_RECEIPT_MOVED: frozenset({"entry", "was", "received_on"}),
    Action.REQUEST_EMAIL_CONFIRMED: frozenset({"entry"}),
    Action.REQUEST_LETTER_SENT: _STEP | {"letter", "about", "way", "sent_on", "sha256"},
    Action.REQUEST_LETTER_RETURNED: _STEP | {"letter", "about"},
    Action.REQUEST_UNDONE: _STEP | {"undone"},
    Action.REQUEST_ENTERED: _DOOR,
    Action.REQUEST_EXPORTED: frozenset({"entry"}),
    Action.NOTE_ADDED: _NOTE | {"attachments"},
    Action.NOTE_EDITED: _NOTE,
    Action.NOTE_REMOVED: frozenset({"entry", "version"}),
    Action.ATTACHMENT_ADDED: frozenset({"note", "sha256", "size"}),
    Action.ATTACHMENT_DOWNLOADED: frozenset({"note"}),
    Action.VOICEMAIL_LISTENED: frozenset(),
    Action.VOICEMAIL_DOWNLOADED: frozenset(),
    Action.VOICEMAIL_EXPIRED: frozenset({"kept_until", "sha256"}),
    Action.BUSINESS_TIER_CHANGED: frozenset({"from", "to", "voicemails"}),
    Action.BUSINESS_MAIL_WORDS: frozenset({"words"}),
    Action.BUSINESS_SUSPENDED: frozenset(),
    Action.BUSINESS_RESUMED: frozenset(),
    Action.BUSINESS_SITE_ALLOWED: frozenset({"site"}),
    Action.BUSINESS_SITE_FORBIDDEN: frozenset({"site"}),
    Action.CODE_ASSIGNED: frozenset({"code"}),
    Action.CODE_GREETING_SET: frozenset({"code", "language", "version", "form", "sha256"}),
    Action.RECORDS_EXPORTED: frozenset({"form"}),
    Action.METRICS_PUBLISHED: frozenset(),
    Action.METRICS_HIDDEN: frozenset(),
}
"""The facts an action may carry; another name is refused."""

PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
LARGEST = 2**53
"""Whole numbers up to here are the same in every reader of JSON."""

SUBJECTS: dict[type, str] = {
    Business: "business",
    ComplianceNote: "note",
    NoteAttachment: "attachment",
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
    row: Business
    | ComplianceNote
    | NoteAttachment
    | PrivacyRequest
    | ServiceCode
    | User
    | Voicemail,
    request: PrivacyRequest | None = None,
) -> Subject:
    """Answer the row as what something is done to, as a part of the request if one is given."""
    part_of = row if isinstance(row, PrivacyRequest) else request
    return Subject(SUBJECTS[type(row)], row.id, part_of.id if part_of else None)


def _is_plain(value: Plain) -> bool:
    if isinstance(value, str):
        return PLAIN_WORD.fullmatch(value) is not None
    return value is None or (isinstance(value, int) and abs(value) <= LARGEST)
