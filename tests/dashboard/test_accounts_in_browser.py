"""From nothing to a colleague: signing up, the mail, the first page, inviting, joining, refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import IN_BROWSER, LOOKS, barriers, follow, keep_look
from factories import PASSWORD
from fakes.loopback import served
from mailed import LINK, text_of
from servers.smtp import mail_server
from sqlalchemy import select

from jobs.notify import notify
from voiceline.dashboard import create_app
from voiceline.models import Delivery
from voiceline.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page
    from servers.smtp import MailServer

    from voiceline.bootstrap import Services

pytestmark = IN_BROWSER

MAIL_OF_BOB = "bob@acme.example"


def test_account_is_opened_and_a_colleague_joins(open_browser, base, inbox_of, look):
    alice, bob = open_browser(), open_browser()

    _sign_up(alice, base, look)
    alice.goto(base + inbox_of("alice@acme.example", "open"))
    look(alice, "sign-up-confirm")
    alice.get_by_role("button", name="Open the account").click()
    alice.wait_for_url("**/requests")
    assert "No requests yet" in alice.inner_text("main")
    business = alice.url.removesuffix("/requests")
    _look_around(alice, business, look)

    alice.goto(f"{business}/members")
    alice.get_by_label("E-mail address").fill("Bob@Acme.example")
    alice.get_by_role("button", name="Send the invitation").click()
    alice.get_by_text("The invitation is on its way").wait_for()
    assert MAIL_OF_BOB in alice.get_by_role("region", name="Invited").inner_text()
    look(alice, "members")

    bob.goto(base + inbox_of(MAIL_OF_BOB, "Work on"))
    assert "Alice Abbott invites" in bob.inner_text("main")
    look(bob, "join")
    bob.get_by_label("Your name").fill("Bob Baker")
    bob.get_by_label("Choose a password").fill(PASSWORD)
    bob.get_by_role("button", name="Join").click()
    bob.wait_for_url(f"{business}/requests")

    bob.goto(f"{business}/members")
    assert bob.get_by_role("button", name="Send the invitation").count() == 0
    refused = bob.goto(f"{business}/codes/{_some_id(alice, business)}/withdraw")
    assert refused.status == 403
    assert "This is for admins and owners" in bob.inner_text("main")

    alice.goto(f"{business}/members")
    follow(alice.get_by_role("link", name="Remove Bob Baker"))
    look(alice, "member-remove")
    alice.get_by_role("button", name="Remove Bob Baker").click()
    alice.get_by_text("has no part in this business any more").wait_for()
    assert bob.goto(f"{business}/requests").status == 404


def _sign_up(page: Page, base: str, look: Callable[..., None]) -> None:
    page.goto(f"{base}/sign-in")
    follow(page.get_by_role("link", name="Sign up"))
    look(page, "sign-up")
    page.get_by_label("Your e-mail address at work").fill("alice@acme.example")
    page.get_by_label("Your name").fill("Alice Abbott")
    page.get_by_label("Name of your business").fill("Acme Shoes")
    page.get_by_label("Time zone").select_option("America/Chicago")
    page.get_by_label("Password").fill("passwordpassword")
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_role("alert").wait_for()
    look(page, "sign-up-refused")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Send me the link").click()
    page.wait_for_url("**/sign-up/sent")
    look(page, "sign-up-sent")


def _look_around(page: Page, business: str, look: Callable[..., None]) -> None:
    base = business.partition("/businesses")[0]
    look(page, "first-inbox")
    for path in ("settings", "codes", "members/leave", "notices"):
        page.goto(f"{business}/{path}")
        look(page, path.replace("/", "-"))
    page.goto(f"{business}/codes/{_some_id(page, business)}/withdraw")
    look(page, "code-withdraw")
    for path in ("account", "forgotten", "forgotten/sent", "join"):
        page.goto(f"{base}/{path}")
        look(page, path.replace("/", "-"))


def _some_id(page: Page, business: str) -> str:
    page.goto(f"{business}/codes")
    link = page.get_by_role("link", name="Withdraw").first.get_attribute("href") or ""
    return link.split("/")[-2]


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def settings(environment: pytest.MonkeyPatch, mail: MailServer) -> Settings:
    facts = {"MAILER": "smtp", "HOST": mail.host, "PORT": str(mail.port), "STARTTLS": "false"}
    for name, value in facts.items():
        environment.setenv(f"VOICELINE_{'' if name == 'MAILER' else 'SMTP_'}{name}", value)
    return load_settings()


@pytest.fixture
def base(services: Services) -> Iterator[str]:
    app = create_app(services)
    with served(app) as base:
        yield base


@pytest.fixture
def inbox_of(services: Services, mail: MailServer) -> Callable[[str, str], str]:
    """Send what is owed, and answer the link in the newest message to somebody about something."""

    def read(address: str, about: str) -> str:
        with services.sessions() as session:
            owed = session.scalars(select(Delivery.id).where(Delivery.due_at.is_not(None))).all()
        for delivery_id in owed:
            notify(str(delivery_id))
        (found,) = [
            message
            for message in mail.received
            if message["To"] == address and about.lower() in message["Subject"].lower()
        ]
        return LINK.findall(text_of(found))[0]

    return read


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Open a browser of somebody's own."""
    contexts: list[BrowserContext] = []

    def open_browser() -> Page:
        # what fades from one colour to another has, on its way, no contrast to speak of
        contexts.append(chromium.new_context(reduced_motion="reduce"))
        contexts[-1].set_default_timeout(20_000)
        return contexts[-1].new_page()

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture
def look() -> Callable[[Page, str], None]:
    """Look at a page in both themes and widths: axe finds nothing, and nothing is cut off."""

    def look(page: Page, name: str) -> None:
        found = {}
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            found[scheme, width] = barriers(page)
            keep_look(page, f"{name}-{scheme}-{width}")
        assert found == {key: [] for key in LOOKS}, name

    return look
