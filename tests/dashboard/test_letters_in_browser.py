"""A letter from the click to the mail server: written, read, sent, and there."""

from __future__ import annotations

import shutil
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from factories import PASSWORD
from servers.smtp import mail_server
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from jobs import notify
from voiceline.adapters.smtp_mailer import SmtpMailer
from voiceline.models import Delivery, Letter, PrivacyRequest, Requester

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
]


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
    assert "Gracias por su paciencia." in received.get_content()
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
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(base) -> Iterator[Page]:
    """Alice's browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.set_default_timeout(20_000)
        opened.goto(f"{base}/sign-in")
        opened.get_by_label("E-mail address").fill("alice@example.com")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Sign in").click()
        opened.wait_for_url("**/requests*")
        yield opened
        browser.close()


class _Quiet(WSGIRequestHandler):
    """A server that writes nothing of what it was asked."""

    def log_request(self, *_args: object) -> None:
        """Write nothing."""
