"""The mail about accounts as its reader has it, and what they do with the links in it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import select

from jobs.messages import WRITERS
from voiceline.errors import PermanentFailure
from voiceline.models import Delivery

if TYPE_CHECKING:
    from email.message import EmailMessage

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from voiceline.bootstrap import Services

HIDDEN = ("csrf_token", "link")

LINK = re.compile(r"http://127\.0\.0\.1:5081(/\S+)")


def mails(services: Services) -> list[EmailMessage]:
    """Answer what would be sent now, oldest first; what nobody may have is left out."""
    written = []
    with services.sessions.begin() as session:
        owed = select(Delivery).order_by(Delivery.created_at, Delivery.kind)
        for delivery in session.scalars(owed):
            with suppress(PermanentFailure):
                written.append(WRITERS[delivery.kind](services, session, delivery))
    return written


def mails_to(services: Services, address: str) -> list[EmailMessage]:
    return [mail for mail in mails(services) if mail["To"] == address]


def link_in(mail: EmailMessage) -> str:
    """Answer the first address of ours in the message, without the host."""
    return LINK.findall(mail.get_content())[0]


def follow(client: FlaskClient, link: str) -> TestResponse:
    """Open a link as a browser does, as far as a page."""
    return client.get(link, follow_redirects=True)


def send(client: FlaskClient, page: str, to: str | None = None, **fields: str) -> TestResponse:
    """Send the form of a page."""
    return client.post(to or page, data=form_of(client, page) | fields)


def form_of(client: FlaskClient, page: str) -> dict[str, str]:
    """Answer what a page puts into its form, beside what a person fills in."""
    shown = client.get(page).text
    fields = {name: re.search(f'name="{name}" value="([^"]*)"', shown) for name in HIDDEN}
    return {name: found.group(1) for name, found in fields.items() if found}


def text_of(mail: EmailMessage) -> str:
    """Answer what a message says as plain text; its HTML says the same."""
    return mail.get_body(("plain",)).get_content()
