"""The verb of entering: a colleague files what came by mail, by e-mail or in person.

The clocks run from the day it reached the business, whenever it was entered. The caller commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.errors import NotFoundError
from voiceline.filing import Asking, file_written
from voiceline.models import Channel, PrivacyRequest, Requester, ResidenceSource
from voiceline.rules.deadlines import check_received_on, received_on
from voiceline.rules.rights import Right, RightSource

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from voiceline.models import ServiceCode, User
    from voiceline.rules.standings import Standing

DOORS = (Channel.MAIL, Channel.EMAIL, Channel.IN_PERSON)
"""The doors that have no machine behind them."""

NOT_BY_ITSELF = frozenset({Right.APPEAL, Right.STATUS})
"""What belongs to a request that is there already, and is noted on its page."""


@dataclass(frozen=True)
class Entry:
    """What a colleague read in a letter, or heard."""

    channel: Channel
    received_on: date
    language: str
    rights: tuple[Right, ...]
    """Empty where it does not say: a colleague names one later."""
    standing: Standing | None = None
    residence: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None
    consumer_name: str | None = None
    details: str | None = None


def enter_request(
    session: Session, code: ServiceCode, entry: Entry, user: User, *, form: UUID, at: datetime
) -> PrivacyRequest:
    """File the entry in the colleague's name; what the same form sends twice is filed once.

    What was changed before it was sent again is another entry, so that no letter is lost. Raises
    DateError for a day to come or before the law, JurisdictionError for what is no place.
    """
    check_received_on(entry.received_on, received_on(at, code.business.time_zone))
    id_ = uuid5(form, sha256(repr((code.code, entry)).encode()).hexdigest())
    if known := _known(session, code, id_):
        return known
    try:
        with session.begin_nested():
            request = file_written(session, code, _asking(code, entry, id_, at), at=at)
    except IntegrityError:
        if known := _known(session, code, id_):
            return known
        raise
    _attribute(session, request, entry, user, at)
    return request


def moment_of_receipt(day: date, zone: str, *, at: datetime) -> datetime:
    """Answer the moment that stands for a day of which nobody knows the hour.

    Noon where the business is: it lies on that day whatever the clocks do, which midnight may
    not, and is far from both its neighbours. Before noon of today it is now: nothing comes later
    than it is entered.
    """
    return min(datetime.combine(day, time(12), ZoneInfo(zone)), at)


def _known(session: Session, code: ServiceCode, id_: UUID) -> PrivacyRequest | None:
    found = session.get(PrivacyRequest, id_, populate_existing=True)
    if found is not None and found.business_id != code.business_id:
        raise NotFoundError("no such form")
    return found


def _asking(code: ServiceCode, entry: Entry, id_: UUID, at: datetime) -> Asking:
    return Asking(
        id=id_,
        channel=entry.channel,
        language=entry.language,
        received_at=moment_of_receipt(entry.received_on, code.business.time_zone, at=at),
        rights=entry.rights,
        source=RightSource.CONFIRMED,
        residence=entry.residence,
        residence_source=ResidenceSource.TOLD if entry.residence else None,
        standing=entry.standing,
        requester=Requester(
            name=entry.name,
            email=entry.email,
            phone=entry.phone,
            postal_address=entry.postal_address,
            consumer_name=entry.consumer_name,
            details=entry.details,
        ),
    )


def _attribute(
    session: Session, request: PrivacyRequest, entry: Entry, user: User, at: datetime
) -> None:
    """Say in the history and in the audit trail who entered it."""
    (filed,) = request.events
    facts = {"channel": entry.channel.value, "received_on": entry.received_on.isoformat()}
    filed.user_id, filed.facts = user.id, facts
    session.flush()
    facts = facts | {"entry": str(filed.id)}
    by, subject = audit.staff(user), audit.about(request)
    deed = Deed(
        request.business_id,
        Action.REQUEST_ENTERED,
        by,
        at,
        subject,
        facts | {"rights": len(entry.rights)},
    )
    audit.write(session, deed)
