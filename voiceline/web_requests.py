"""The verbs of the public form: what was sent becomes a request at once, and once.

The clocks run from when it was sent. No proof, no link and no mail is waited for; the caller of a
verb commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from voiceline import audit
from voiceline.email_links import is_wanted
from voiceline.filing import Asking, file_written
from voiceline.limits import limit_key, take
from voiceline.line_proofs import acknowledged, filed
from voiceline.models import (
    Channel,
    PrivacyRequest,
    Requester,
    ResidenceSource,
    WebSubmission,
)
from voiceline.records import follow
from voiceline.rules.rights import RightSource
from voiceline.web_mails import may_mail, owe_link, owe_receipt

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from voiceline.models import ServiceCode, Suspicion
    from voiceline.rules.rights import Right
    from voiceline.rules.standings import Standing

WINDOW = timedelta(hours=1)
PER_ADDRESS = 50
"""An office or a library has one network address for all its people."""

PER_BUSINESS = 3000


@dataclass(frozen=True)
class Sent:
    """What somebody filled in, read and found to be in order."""

    rights: tuple[Right, ...]
    standing: Standing
    language: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    residence: str | None = None
    details: str | None = None
    consumer_name: str | None = None


def find_sent(session: Session, key: str) -> PrivacyRequest | None:
    """Answer the request that this form became already."""
    return session.scalar(
        select(PrivacyRequest)
        .join(WebSubmission, WebSubmission.request_id == PrivacyRequest.id)
        .where(WebSubmission.key == key)
    )


def may_send(
    session: Session, code: ServiceCode, address: str, *, secret: str, at: datetime
) -> bool:
    """Count one form against the shares of the network address and of the business."""
    shares = (
        (limit_key("form/address", address, secret), PER_ADDRESS),
        (f"form/{code.business_id}", PER_BUSINESS),
    )
    return all(
        take(session, key=key, allowance=allowance, window=WINDOW, at=at)
        for key, allowance in shares
    )


def file_sent(
    session: Session,
    code: ServiceCode,
    sent: Sent,
    *,
    key: str,
    texts_version: str,
    secret: str,
    at: datetime,
    suspected_because: Suspicion | None = None,
) -> PrivacyRequest:
    """File what was sent, confirm its receipt, and owe the mails; the same form files once.

    A form that a machine seems to have filled in is filed too, for nobody loses a right by a
    program's mistake; but nothing is sent to the address in it.
    """
    try:
        with session.begin_nested():
            request = file_written(session, code, _asking(sent, at), at=at)
            if suspected_because is not None:
                request.events[0].facts = {"suspected_because": str(suspected_because)}
            session.add(
                WebSubmission(
                    business_id=request.business_id,
                    request_id=request.id,
                    key=key,
                    suspected_because=suspected_because,
                    sent_at=at,
                )
            )
    except IntegrityError:
        known = find_sent(session, key)
        if known is None:
            raise
        return known
    deeds = [filed(request, at=at)]
    if suspected_because is None:
        # after the filing: a history is read in the order of its moments
        given_at = at + timedelta(microseconds=1)
        event = request.acknowledge(how=f"web/{texts_version}", at=given_at)
        session.flush()
        follow(session, request, at=at)
        _owe_mails(session, request, secret=secret, at=at)
        deeds.append(acknowledged(request, event, at=at))
    audit.write(session, *deeds)
    return request


def find_filed(session: Session, reference: str) -> PrivacyRequest | None:
    """Answer a request that came by the form, with who asks and what for."""
    return session.scalar(
        select(PrivacyRequest)
        .where(PrivacyRequest.reference == reference, PrivacyRequest.channel == Channel.WEB)
        .options(joinedload(PrivacyRequest.requester), joinedload(PrivacyRequest.service_code))
    )


def _asking(sent: Sent, at: datetime) -> Asking:
    return Asking(
        channel=Channel.WEB,
        language=sent.language,
        received_at=at,
        rights=sent.rights,
        source=RightSource.CHOSEN,
        requester=Requester(
            name=sent.name,
            email=sent.email,
            phone=sent.phone,
            details=sent.details,
            consumer_name=sent.consumer_name,
        ),
        residence=sent.residence,
        residence_source=ResidenceSource.TOLD if sent.residence else None,
        standing=sent.standing,
    )


def _owe_mails(session: Session, request: PrivacyRequest, *, secret: str, at: datetime) -> None:
    address = request.requester.email if request.requester else None
    if address is None or not may_mail(session, address, secret=secret, at=at):
        return
    owe_receipt(session, request, address, at=at)
    if is_wanted(request):
        owe_link(session, request, address, at=at)
