"""What an entry says: one deed, in words that never change and facts that are never a caller's.

A fact is a number, a flag or one plain word, so whatever is erased elsewhere, no chain breaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voiceline.audit.actions import Action

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from voiceline.audit.actors import Actor, Subject

Plain = str | int | bool | None


_STEP = frozenset({"right", "entry"})
"""Of each step of casework: the right it was about, and the entry of the history it made."""

_SAID = _STEP | {"words"}
"""Of a step in which a colleague wrote something: a digest that binds it without telling it."""

_DOOR = frozenset({"entry", "channel", "received_on", "rights"})
"""Of a request that came: how, when, and how many rights it named."""

_NOTE = frozenset({"entry", "version", "digest"})
"""Of a note's text: its number, and a digest that binds it without telling it."""

_GRANT = frozenset({"grant", "business"})
"""Of access that is asked for; the business is named in the operator's trail."""

FACTS: dict[Action, frozenset[str]] = {
    Action.PERSON_SIGNED_IN: frozenset(),
    Action.PERSON_SIGNED_OUT: frozenset({"everywhere"}),
    Action.PERSON_SIGN_IN_REFUSED: frozenset(),
    Action.PERSON_PASSWORD_CHANGED: frozenset(),
    Action.PERSON_RENAMED: frozenset(),
    Action.PERSON_ADDRESS_CHANGED: frozenset(),
    Action.PERSON_ADDRESS_KEPT: frozenset(),
    Action.PERSON_INVITED: frozenset({"role"}),
    Action.PERSON_INVITATION_REVOKED: frozenset(),
    Action.PERSON_CODE_APP_ADDED: frozenset(),
    Action.PERSON_CODE_APP_REMOVED: frozenset(),
    Action.PERSON_RECOVERY_CODES_MADE: frozenset(),
    Action.PERSON_RECOVERY_CODE_USED: frozenset({"left"}),
    Action.PERSON_PASSKEY_ADDED: frozenset({"passkey"}),
    Action.PERSON_PASSKEY_RENAMED: frozenset({"passkey"}),
    Action.PERSON_PASSKEY_REMOVED: frozenset({"passkey"}),
    Action.PERSON_PASSKEY_COPIED: frozenset({"passkey"}),
    Action.PERSON_IDENTITY_LINKED: frozenset({"identity"}),
    Action.PERSON_IDENTITY_UNLINKED: frozenset({"identity"}),
    Action.PERSON_JOINED: frozenset({"role"}),
    Action.PERSON_ROLE_CHANGED: frozenset({"from", "to"}),
    Action.PERSON_LEFT: frozenset({"role"}),
    Action.PERSON_NOTICES_CHOSEN: frozenset(
        {"at_once", "daily", "friday", "deadlines", "unassigned", "assigned", "expiring"}
    ),
    Action.PERSON_CALENDAR_OPENED: frozenset(),
    Action.PERSON_CALENDAR_CLOSED: frozenset(),
    Action.ACCESS_REFUSED: frozenset(),
    Action.HOLD_PLACED: frozenset({"hold"}),
    Action.HOLD_LIFTED: frozenset({"hold"}),
    Action.GRANT_ASKED: _GRANT | {"hours"},
    Action.GRANT_APPROVED: _GRANT | {"until"},
    Action.GRANT_REFUSED: _GRANT,
    Action.GRANT_TAKEN_BACK: _GRANT,
    Action.GRANT_ENDED: _GRANT,
    Action.GRANT_READ: frozenset({"grant", "page"}),
    Action.REQUEST_FILED: _DOOR | {"suspected_because"},
    Action.REQUEST_OPENED: frozenset({"grant"}),
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
    Action.REQUEST_ASSIGNED: _STEP | {"to"},
    Action.REQUESTS_EXPORTED: frozenset({"form", "count"}),
    Action.VIEW_SAVED: frozenset({"shared"}),
    Action.VIEW_DELETED: frozenset({"shared"}),
    Action.REQUEST_RECEIPT_MOVED: frozenset({"entry", "was", "received_on"}),
    Action.REQUEST_HANDED_OVER: frozenset({"entry", "code"}),
    Action.REQUEST_TAKEN_OVER: frozenset({"entry", "code", "received_on"}),
    Action.REQUEST_HANDED_BACK: frozenset({"entry", "code"}),
    Action.REQUEST_RETURNED: frozenset({"entry", "code"}),
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
    Action.VOICEMAIL_LISTENED: frozenset({"grant"}),
    Action.VOICEMAIL_DOWNLOADED: frozenset({"grant"}),
    Action.VOICEMAIL_DOWNLOAD_CUT_OFF: frozenset(),
    Action.VOICEMAIL_EXPIRED: frozenset({"kept_until", "sha256"}),
    Action.VOICEMAIL_ERASED: frozenset({"sha256", "why"}),
    Action.ERASURE_ORDERED: frozenset({"count"}),
    Action.VOICEMAILS_DOWNLOADED: frozenset({"download", "voicemails", "digest"}),
    Action.BUSINESS_TIER_CHANGED: frozenset({"from", "to", "voicemails"}),
    Action.BUSINESS_TRIAL_SET: frozenset({"until"}),
    Action.BUSINESS_MAIL_WORDS: frozenset({"words"}),
    Action.BUSINESS_SETTING_CHANGED: frozenset({"field"}),
    Action.BUSINESS_SUSPENDED: frozenset(),
    Action.BUSINESS_RESUMED: frozenset(),
    Action.BUSINESS_SITE_ALLOWED: frozenset({"site"}),
    Action.BUSINESS_SITE_FORBIDDEN: frozenset({"site"}),
    Action.BUSINESS_PROVIDER_SET: frozenset({"provider", "role"}),
    Action.BUSINESS_PROVIDER_TESTED: frozenset({"provider"}),
    Action.BUSINESS_PROVIDER_REMOVED: frozenset({"provider"}),
    Action.BUSINESS_SIGN_IN_RULES: frozenset({"provider_only", "second_step"}),
    Action.BUSINESS_DOMAIN_ADDED: frozenset({"domain"}),
    Action.BUSINESS_DOMAIN_VERIFIED: frozenset({"domain"}),
    Action.BUSINESS_DOMAIN_LOST: frozenset({"domain"}),
    Action.BUSINESS_DOMAIN_REMOVED: frozenset({"domain"}),
    Action.CODE_ASSIGNED: frozenset({"code"}),
    Action.CODE_WITHDRAWN: frozenset({"code"}),
    Action.CODE_BRANDED: frozenset({"code"}),
    Action.CODE_GREETING_SET: frozenset(
        {"code", "language", "version", "form", "sha256", "restored_from"}
    ),
    Action.RECORDS_EXPORTED: frozenset({"form"}),
    Action.TRAIL_EXPORTED: frozenset(),
    Action.METRICS_PUBLISHED: frozenset(),
    Action.METRICS_HIDDEN: frozenset(),
    Action.LINE_TRIED_AGAIN: frozenset({"voicemails"}),
    Action.POLICY_PUBLISHED: frozenset({"policy", "material", "accounts"}),
    Action.CLOCK_CONFIRMED: frozenset({"doubt"}),
    Action.ARCHIVE_NAMED: frozenset({"account", "version"}),
    Action.ARCHIVE_CONNECTED: frozenset({"account", "version"}),
    Action.ARCHIVE_DISCONNECTED: frozenset({"account", "version"}),
    Action.ARCHIVE_HOLDING: frozenset({"account", "version", "holds_back"}),
}
"""The facts an action may carry; another name is refused."""

PLAIN_WORD = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
LARGEST = 2**53
"""Whole numbers up to here are the same in every reader of JSON."""


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


def _is_plain(value: Plain) -> bool:
    if isinstance(value, str):
        return PLAIN_WORD.fullmatch(value) is not None
    return value is None or (isinstance(value, int) and abs(value) <= LARGEST)
