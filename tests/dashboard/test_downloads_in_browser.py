"""Taking voicemails away, in Chromium: said first, taken by one click, told when it is done."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from factories import PASSWORD, make_message
from fakes.loopback import served

from voiceline import downloads
from voiceline.login_sessions import CONFIRMED_FOR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = IN_BROWSER


@pytest.mark.parametrize("scripts", [True, False])
def test_archive_is_taken_from_the_inbox(open_inbox, scripts):
    page = open_inbox(java_script_enabled=scripts)
    page.get_by_role("link", name="Download").click()
    page.wait_for_selector("text=3 voicemails, about")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download the ZIP").click()

    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert sum(name.endswith(".wav") for name in archive.namelist()) == 3
    assert download.value.suggested_filename == "voiceline-voicemails_2026-11-21.zip"
    if scripts:
        page.wait_for_selector("text=sent in full")


@IN_BOTH_LOOKS
def test_page_has_no_barriers(open_inbox, scheme, width):
    page = open_inbox(color_scheme=scheme, viewport={"width": width, "height": 800})

    page.goto(f"{page.url.partition('?')[0]}/downloads?status=all")

    assert barriers(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_choice_waits_in_its_tab_while_another_proves_who_is_there(asking, scripts):
    page = asking(java_script_enabled=scripts)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Show it in a new tab").click()
    tab = opened.value
    tab.get_by_label("Password of").fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.wait_for_url("**/requests?**")

    page.get_by_role("button", name="Go on with 3 requests").click()

    page.wait_for_selector("text=3 voicemails, about")


@IN_BOTH_LOOKS
def test_page_that_asks_has_no_barriers(asking, scheme, width):
    page = asking(color_scheme=scheme, viewport={"width": width, "height": 800})

    assert barriers(page) == []


@pytest.fixture
def asking(open_inbox, monkeypatch, clock) -> Callable[..., Page]:
    """Open the page that asks who chose three requests, where three are many."""

    def ask(**options: object) -> Page:
        monkeypatch.setattr(downloads, "MANY", 1)
        clock.wait(CONFIRMED_FOR)
        page = open_inbox(**options)
        for box in page.locator("input[name=ids]").all():
            box.check()
        page.get_by_role("button", name="Download voicemails").click()
        page.wait_for_selector("text=Is it you?")
        return page

    return ask


@pytest.fixture
def open_inbox(app, alice, world, services, windows) -> Iterator[Callable[..., Page]]:
    """Open the inbox as Alice, with three messages."""
    with services.sessions.begin() as session:
        for _ in range(2):
            make_message(session, world.acme_code, services.store)
    with served(app) as base:
        cookie = {"name": "voiceline", "value": alice.get_cookie("voiceline").value, "url": base}

        def open_inbox(**options: object) -> Page:
            page = windows.open(cookie, strict=False, **options)
            page.goto(base + world.inbox)
            return page

        yield open_inbox
