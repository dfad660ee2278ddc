"""The message to one of the operator's people of what a business decided on their request."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from jobs.claimed import now
from jobs.envelope import business_of, envelope
from voiceline.authority import operators_role
from voiceline.errors import PermanentFailure
from voiceline.models import AccessGrant, GrantState

if TYPE_CHECKING:
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from voiceline.bootstrap import Services
    from voiceline.models import Delivery

SAID = {
    GrantState.RUNNING: (
        "You can read {business} now",
        """\
{business} approved that you read its requests, until {until} (UTC).

You can change nothing, and each page you read stands in its audit trail. If you are done before,
end the access yourself. It is open here:
{address}
""",
    ),
    GrantState.REFUSED: (
        "{business} refused your request to read it",
        """\
{business} refused that you read its requests. Nothing was opened to you.

You can ask again, and say more about why:
{address}
""",
    ),
    GrantState.ENDED: (
        "{business} ended your access",
        """\
{business} ended that you read its requests. Nothing of it is open to you any more.

You can ask again here:
{address}
""",
    ),
}
"""The subject and the text, by what the grant became."""


def write(built: Services, session: Session, delivery: Delivery) -> EmailMessage:
    """Write what was decided, and until when; what is over by now need not be told."""
    business = business_of(delivery)
    facts = delivery.facts or {}
    grant = session.get(AccessGrant, UUID(facts["grant"]))
    if grant is None or grant.state(now()) != facts["state"]:
        raise PermanentFailure("it is over already")
    if operators_role(session, grant.user_id) is None:
        raise PermanentFailure("this person does not work for the operator any more")
    subject, text = SAID[GrantState(facts["state"])]
    until = f"{grant.ends_at.astimezone(UTC):%d %b %Y %H:%M}" if grant.ends_at else ""
    address = f"{built.settings.dashboard_url}/operator/businesses/{business.id}/access"
    filled = text.format(business=business.name, until=until, address=address)
    return envelope(built, delivery, subject.format(business=business.name), filled)
