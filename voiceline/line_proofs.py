"""What the line does by itself, as entries of the audit trail: each verb writes its own, last.

No entry holds a word of the consumer's, so that erasing the request breaks no chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline import audit
from voiceline.audit import SYSTEM, Action, Deed
from voiceline.audit.encoding import moment

if TYPE_CHECKING:
    from datetime import datetime

    from voiceline.audit import Actor
    from voiceline.models import PrivacyRequest, RequestEvent, Voicemail


def filed(request: PrivacyRequest, *, at: datetime) -> Deed:
    """Answer that a consumer's request reached the business: by which door, on which day."""
    event = request.events[0]
    facts = {
        "entry": str(event.id),
        "channel": request.channel.value,
        "received_on": request.received_on.isoformat(),
        "rights": sum(asked.right is not None for asked in request.rights),
    }
    facts |= event.facts or {}
    by = audit.consumer(request)
    return Deed(request.business_id, Action.REQUEST_FILED, by, at, audit.about(request), facts)


def acknowledged(request: PrivacyRequest, event: RequestEvent, *, at: datetime) -> Deed:
    """Answer that the line itself confirmed receipt, in which words, and when they were given.

    What was heard on the call may be older than the request that it is written down with.
    """
    facts = {
        "entry": str(event.id),
        "how": request.acknowledged_how,
        "given_at": moment(event.at),
    }
    subject = audit.about(request)
    return Deed(request.business_id, Action.REQUEST_ACKNOWLEDGED, SYSTEM, at, subject, facts)


def receipt_moved(request: PrivacyRequest, event: RequestEvent, *, at: datetime) -> Deed:
    """Answer that the clocks run from another day than they did."""
    facts = {"entry": str(event.id), **(event.facts or {})}
    subject = audit.about(request)
    return Deed(request.business_id, Action.REQUEST_RECEIPT_MOVED, SYSTEM, at, subject, facts)


def expired(voicemail: Voicemail, request: PrivacyRequest | None, *, at: datetime) -> Deed:
    """Answer that the audio was deleted because it had been kept as long as was promised."""
    until = voicemail.expires_at
    facts = {"kept_until": moment(until) if until else None, "sha256": voicemail.sha256}
    subject = audit.about(voicemail, request)
    return Deed(voicemail.business_id, Action.VOICEMAIL_EXPIRED, SYSTEM, at, subject, facts)


def erased(
    voicemail: Voicemail, request: PrivacyRequest | None, *, why: str, by: Actor, at: datetime
) -> Deed:
    """Answer that all there was of the message was erased for good, and what for."""
    facts = {"sha256": voicemail.sha256, "why": why}
    subject = audit.about(voicemail, request)
    return Deed(voicemail.business_id, Action.VOICEMAIL_ERASED, by, at, subject, facts)
