"""The word to a business that a request came: an e-mail without a name, a number or a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.envelope import envelope
from voiceline.errors import PermanentFailure
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

CAME_BY = {
    "phone": "by telephone",
    "web": "by the web form",
    "mail": "by letter",
    "email": "by e-mail",
    "in_person": "in person",
}

TEXT = """\
{business} has a new privacy request {came_by}.

Reference       {reference}
Asked for       {rights}
Answer by       {respond_by}

Look at it and answer it here:
{address}

This message holds nothing the consumer said, on purpose. Please do not forward the address
outside your company.
"""


def write(built: Services, _session: Session, delivery: Delivery) -> EmailMessage:
    """Write it from the request alone."""
    request = delivery.request
    if request is None:
        raise PermanentFailure("the request is gone")
    named = sorted(LABELS[asked.right] for asked in request.asked_rights if asked.right)
    base, by = built.settings.dashboard_url, request.respond_by
    return envelope(
        built,
        delivery,
        f"Privacy request {grouped(request.reference)}: answer by {by.day} {by:%b %Y}",
        TEXT.format(
            business=request.business.name,
            came_by=CAME_BY[request.channel],
            reference=grouped(request.reference),
            rights=", ".join(named) or "not named yet: please look at what was said",
            respond_by=f"{by:%A}, {by.day} {by:%B %Y}",
            address=f"{base}/businesses/{request.business_id}/requests/{request.id}",
        ),
    )
