"""A letter from the click to the mail server: written, read, sent, and there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import IN_BROWSER
from factories import PASSWORD
from fakes.loopback import served
from mailed import text_of
from servers.smtp import mail_server
from sqlalchemy import select

from jobs import notify
from voiceline.adapters.smtp_mailer import SmtpMailer
from voiceline.models import Delivery, Letter, PrivacyRequest, Requester

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = IN_BROWSER


def test_letter_is_written_sent_and_received(page, base, world, services, monkeypatch):
    page.goto(base + world.page)
    page.get_by_role("link", name="Confirmation of receipt").first.click()
    page.get_by_label("Spanish").check()
    page.get_by_label("Your own paragraph").fill("Gracias por su paciencia.")
    page.get_by_role("button", name="Show the letter again").click()
    shown = page.get_by_role("article").inner_text()
    page.get_by_role("button", name="Send this letter").click()
    page.wait_for_url("**/requests/*#letters")
    listed = page.get_by_role("region", name="Letters").inner_text()

    received = deliver(services, monkeypatch)

    assert "Recibimos su solicitud de privacidad" in shown
    assert "Gracias por su paciencia." in shown
    assert "Confirmation of receipt" in listed
    assert "On its way" in listed
    assert received["To"] == "maria@example.com"
    assert "Gracias por su paciencia." in text_of(received)
    assert page.get_by_text("Letter sent").count() >= 1


def test_posted_letter_is_printed_as_it_was_sent(page, base, world, services):
    page.goto(base + world.page)
    page.get_by_role("link", name="Confirmation of receipt").first.click()
    page.get_by_role("radio", name="By post").check()
    page.get_by_role("button", name="Send this letter").click()
    page.get_by_role("link", name="Confirmation of receipt").first.click()
    page.emulate_media(media="print")

    paper = page.get_by_role("article")

    with services.sessions() as session:
        letter = session.scalars(select(Letter)).one()
    assert letter.text.split("\n")[0] in paper.inner_text()
    assert not page.get_by_text("SHA-256").is_visible()
    assert paper.is_visible()


def deliver(services, monkeypatch):
    """Send what is owed through a mail server, and answer the one message it took."""
    with mail_server() as server:
        object.__setattr__(services, "mailer", SmtpMailer(server.host, server.port, starttls=False))
        monkeypatch.setattr(notify, "services", lambda: services)
        with services.sessions() as session:
            owed = session.scalars(select(Delivery.id).where(Delivery.letter_id.is_not(None))).all()
        for delivery_id in owed:
            notify.notify(str(delivery_id))
        (message,) = server.received
    return message


@pytest.fixture
def base(app, world, services) -> Iterator[str]:
    """The dashboard on loopback, with a consumer who can be written to."""
    with services.sessions.begin() as session:
        found = session.get_one(PrivacyRequest, world.request.id)
        found.requester = Requester(
            business_id=found.business_id, name="Maria", email="maria@example.com"
        )
    with served(app) as address:
        yield address


@pytest.fixture
def page(windows: Windows, base) -> Page:
    """Alice's browser."""
    opened = windows.open(strict=False)
    opened.goto(f"{base}/sign-in")
    opened.get_by_label("E-mail address").fill("alice@example.com")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    opened.wait_for_url("**/requests*")
    return opened
