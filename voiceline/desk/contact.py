"""The verb that notes how the consumer can be reached: a caller is known by a number alone."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from voiceline.desk.changes import begin, keep
from voiceline.errors import UserError
from voiceline.models import EventKind, Requester
from voiceline.search_documents import follow_document

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from voiceline.desk.changes import Clerk
    from voiceline.models import PrivacyRequest, RequestEvent


@dataclass(frozen=True)
class Contact:
    """Who asks and how to answer them, as they said; None where they did not."""

    name: str | None = None
    consumer_name: str | None = None
    """For whom, where somebody asks for another."""
    email: str | None = None
    """As `email_addresses.read_email` writes it."""
    phone: str | None = None
    """E.164."""
    postal_address: str | None = None


def set_contact(
    session: Session, request: PrivacyRequest, clerk: Clerk, contact: Contact
) -> RequestEvent:
    """Note who asks and how to reach them; the history says which of it changed, not what it is.

    An address that a link had confirmed is unconfirmed again once it is another one. It is
    corrected by noting it anew, never undone: an undo would have to keep what was wiped out.
    """
    begin(session, request, clerk)
    if not any(asdict(contact).values()):
        raise UserError("Say at least one thing: a name, an address or a telephone number.")
    asker = request.requester or Requester(business_id=request.business_id)
    changed = [name for name, value in asdict(contact).items() if getattr(asker, name) != value]
    if not changed:
        raise UserError("That is what is noted already.")
    for name in changed:
        setattr(asker, name, getattr(contact, name))
    if "email" in changed:
        asker.email_confirmed_at = None
    request.requester = asker
    follow_document(session, request)
    event = request.note_event(EventKind.CONTACT_SET, at=clerk.at, by=clerk.user.id)
    return keep(session, request, clerk, event, None, {"changed": changed})
