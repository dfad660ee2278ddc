"""A request taken to its end by clicking, in Chromium: completed, extended, denied, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from factories import PASSWORD
from fakes.loopback import served
from forms import filed, form_of, make_written

from voiceline.rules.lifecycle import RequestStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

FORMS = ["complete", "deny", "extend", "verify", "set_residence", "name_right", "decide_appeal"]


def test_request_is_completed_by_clicking(signed_in, world, services):
    page = signed_in(world.page)
    _confirm_receipt(page)
    page.get_by_role("link", name="Verify who asks").click()
    page.get_by_label("What they told us matches what we hold").check()
    page.get_by_label("E-mail address").check()
    page.get_by_label("Order number").check()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Note it").click()

    page.locator("summary", has_text="Answer").click()
    page.locator(".answer").get_by_role("link", name="Complete", exact=True).click()
    page.get_by_label("What was done").fill("All data were deleted.")
    page.get_by_role("button", name="Complete").click()

    page.get_by_role("link", name="Write the letter").click()
    page.get_by_role("radio", name="By post").check()
    page.get_by_role("button", name="Send this letter").click()

    page.get_by_role("heading", name="Nothing is owed").wait_for()
    assert page.locator(".history").inner_text().count("Completed: Delete") == 1
    assert filed(services, world).status == RequestStatus.COMPLETED


def test_request_is_extended_by_clicking(signed_in, world, services):
    page = signed_in(world.page)

    page.get_by_role("link", name="Extend").click()
    page.get_by_text("Now due 5 Jan 2027. Extended: 19 Feb 2027.").wait_for()
    page.get_by_label("Why more time is needed").fill("The data lie in many systems.")
    page.get_by_role("button", name="Extend").click()

    page.get_by_text("once the consumer is told of it").wait_for()
    assert filed(services, world).rights[0].due_by.isoformat() == "2027-01-05"
    page.get_by_role("link", name="Write the letter").or_(
        page.get_by_role("link", name="Tell the consumer of the later date")
    ).click()
    page.get_by_role("radio", name="By post").check()
    page.get_by_role("button", name="Send this letter").click()
    page.get_by_text("the consumer was told on 21 Nov 2026").wait_for()
    page.locator("summary", has_text="Why these dates?").click()
    assert page.get_by_text("With the one extension that is allowed").is_visible()
    assert filed(services, world).respond_by.isoformat() == "2027-02-19"


def test_request_is_denied_and_undone_by_clicking(signed_in, world, services):
    page = signed_in(world.page)

    page.locator("summary", has_text="Answer").click()
    page.locator(".answer").get_by_role("link", name="Deny").click()
    page.get_by_label("We need the data for the transaction").check()
    page.locator("#why_transaction").fill("A warranty runs until 2027.")
    page.get_by_role("button", name="Deny").click()

    page.get_by_text("A warranty runs until 2027.").wait_for()
    assert filed(services, world).status == RequestStatus.DENIED
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: Delete").wait_for()
    assert filed(services, world).status == RequestStatus.RECEIVED


@IN_BOTH_LOOKS
def test_forms_have_no_barriers(signed_in, world, services, scheme, width):
    with services.sessions.begin() as session:
        written = make_written(session, session.merge(world.acme_code), "Please " * 40)
    page = signed_in(
        world.page, strict=False, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    base = page.url.partition("/businesses")[0]
    paths = [world.page, f"{world.inbox}/{written.id}"]
    paths += [form_of(services, world, step) for step in FORMS]

    found = {}
    for path in paths:
        page.goto(base + path)
        for opened in page.locator("main details").all():
            opened.evaluate("each => { each.open = true }")
        found[path] = barriers(page)

    assert found == {path: [] for path in paths}


def _confirm_receipt(page: Page) -> None:
    page.get_by_role("link", name="Confirm receipt").first.click()
    page.get_by_label("by e-mail").check()
    page.get_by_role("button", name="Confirm receipt").click()
    page.get_by_role("button", name="Undo").wait_for()


@pytest.fixture
def signed_in(windows: Windows, app, world) -> Iterator[Callable[..., Page]]:
    """Open a page of Acme's as Alice; whatever the browser complains of fails the test."""
    with served(app) as base:

        def open_page(path: str, **options: object) -> Page:
            page = windows.open(**options)
            page.goto(f"{base}/sign-in?next={path}")
            page.fill("#email", "alice@example.com")
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url(f"**{path}")
            return page

        yield open_page
    assert windows.complaints == []
