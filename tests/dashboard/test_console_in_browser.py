"""The console and access under a grant, seen in a browser: both sides, both themes, both widths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from chromium import IN_BROWSER, ROOT, Windows, barriers, follow
from factories import make_business
from fakes.loopback import served
from operators import make_operator
from staff import make_world

from voiceline.dashboard import create_app
from voiceline.login_sessions import open_session
from voiceline.models import Role
from voiceline.rules.retention import AccountTier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = IN_BROWSER

LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (320, 1280)]
CONSOLE = "/operator/businesses"


def test_the_console_is_for_everybody_who_runs_the_line(open_as, base, look, acme, shop):
    olga = open_as("olga")

    olga.goto(f"{base}/account")
    follow(olga.get_by_role("link", name="Console"))
    look(olga, "console-businesses")
    olga.get_by_label("Find").fill("nobody at all")
    olga.get_by_role("button", name="Show").click()
    assert "No business is found" in olga.inner_text("main")
    look(olga, "console-nothing-found")
    olga.goto(f"{base}{CONSOLE}/new")
    look(olga, "console-opening")
    olga.goto(f"{base}{CONSOLE}/{shop}")
    look(olga, "console-trial")
    olga.goto(f"{base}{CONSOLE}/{acme}")
    look(olga, "console-business")
    follow(olga.get_by_role("link", name="Withdraw 4021"))
    look(olga, "console-code-withdraw")
    olga.goto(f"{base}{CONSOLE}/{acme}/tier")
    look(olga, "console-tier")
    olga.get_by_label("Enterprise").check()
    olga.get_by_role("button", name="Change the tier").click()
    olga.get_by_text("The tier was changed").wait_for()
    follow(olga.get_by_role("link", name="Suspend the line"))
    look(olga, "console-suspend")
    olga.get_by_role("button", name="Suspend the line").click()
    olga.get_by_text("The line is suspended").wait_for()
    look(olga, "console-suspended")


def test_access_is_asked_for_approved_used_and_ended(open_as, base, look, acme):
    olga, alice = open_as("olga"), open_as("alice")

    olga.goto(f"{base}{CONSOLE}/{acme}/access")
    olga.get_by_label("Why").fill("Bob asked us why a message sounds cut off.")
    olga.get_by_label("4 hours").check()
    olga.get_by_role("button", name="Ask Acme Shoes").click()
    olga.get_by_text("are told by e-mail").wait_for()
    look(olga, "access-asked")

    alice.goto(f"{base}/businesses/{acme}/settings")
    follow(alice.get_by_role("link", name="Operator"))
    look(alice, "grants-asked")
    alice.get_by_role("button", name="Approve").click()
    alice.get_by_text("They can read from now on").wait_for()
    look(alice, "grants-running")

    olga.goto(f"{base}{CONSOLE}/{acme}/access")
    olga.get_by_role("link", name="Read Acme Shoes").click()
    olga.get_by_text("under a grant until").wait_for()
    look(olga, "granted-inbox")
    follow(olga.locator("table a.reference").first)
    look(olga, "granted-request")
    for path in ("settings", "overview", "members", "codes", "records", "metrics"):
        olga.goto(f"{base}/businesses/{acme}/{path}")
        look(olga, f"granted-{path}")

    alice.get_by_role("button", name="End it now").click()
    alice.get_by_text("The access has ended").wait_for()
    look(alice, "grants-ended")
    assert olga.goto(f"{base}/businesses/{acme}/requests").status == 404


@pytest.fixture
def people(services):
    world, at = make_world(services), datetime.now(UTC)
    with services.sessions.begin() as session:
        olga = make_operator(session, Role.ADMIN)
        until = at + timedelta(days=5)
        shop = make_business(session, "Try It", tier=AccountTier.TRIAL, trial_ends_at=until)
        tokens = {
            "olga": open_session(session, olga, at),
            "alice": open_session(session, session.merge(world.alice), at),
        }
    return world, shop, tokens


@pytest.fixture
def acme(people) -> str:
    return str(people[0].acme.id)


@pytest.fixture
def shop(people) -> str:
    return str(people[1].id)


@pytest.fixture
def base(services, people) -> Iterator[str]:
    with served(create_app(services)) as base:
        yield base


@pytest.fixture
def open_as(chromium: Browser, base: str, people) -> Iterator[Callable[[str], Page]]:
    windows = Windows(chromium)

    def open_as(name: str) -> Page:
        cookie = {"name": "voiceline", "value": people[2][name], "url": base}
        return windows.open(cookie, strict=False, reduced_motion="reduce")

    yield open_as
    windows.close()


@pytest.fixture
def look() -> Callable[[Page, str], None]:
    """Look at a page in both themes and widths; `build/looks` is filled if it is there."""
    folder = ROOT / "build" / "looks"

    def look(page: Page, name: str) -> None:
        found = {}
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            found[scheme, width] = barriers(page)
            if folder.is_dir():
                page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
        assert found == {key: [] for key in LOOKS}, name

    return look
