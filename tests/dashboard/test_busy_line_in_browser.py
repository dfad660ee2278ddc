"""Pages with much on them: half a year of a business, an operator's day, and what goes wrong.

`make pictures` keeps what the documents show of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from busy_line import NUMBER, ask_to_read, make_busy
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers, keep_look
from fakes.loopback import served
from flask import abort
from staff import signed_in

from voiceline.dashboard.error_pages import WORDS
from voiceline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = [*IN_BROWSER, pytest.mark.timeout(600)]

PICTURES = os.environ.get("PICTURES")
"""A folder for the pictures of the documents, where somebody wants them taken."""

OF_A_BUSINESS = {
    "inbox": "/requests",
    "request": "/requests/{request}",
    "overview": "/overview",
    "figures": "/metrics",
    "log": "/records",
    "trail": "/trail",
    "settings": "/settings",
    "notices": "/notices",
    "members": "/members",
    "codes": "/codes",
    "greetings": "/greetings",
    "greeting": "/greetings/{code}/en",
    "downloads": "/requests/downloads?status=all",
    "grants": "/operator-access",
}
OF_THE_OPERATOR = {
    "console": "/operator/businesses",
    "console-business": "/operator/businesses/{acme}",
    "console-access": "/operator/businesses/{acme}/access",
    "unassigned": "/operator/unassigned",
    "unassigned-item": "/operator/unassigned/{unassigned}",
    "numbers": "/operator/numbers",
    "health": "/operator/health",
}
IN_DOCUMENTS = ("inbox", "request", "overview", "greeting", "downloads", "console", "health")
WINDOW = {"width": 1280, "height": 860}
MOST = 150_000
"""Bytes of a picture."""


@IN_BOTH_LOOKS
def test_pages_with_much_on_them_have_no_barriers(
    open_as, addresses, services, world, line, scheme, width
):
    ask_to_read(services, world, line)
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    found = {}
    for who, pages in addresses.items():
        page = open_as(who, **look)
        for name, path in pages.items():
            page.goto(path)
            found[name] = barriers(page)
            keep_look(page, f"busy-{name}-{scheme}-{width}")

    assert {name: each for name, each in found.items() if each} == {}


@IN_BOTH_LOOKS
def test_error_pages_have_no_barriers(open_as, app, monkeypatch, base, scheme, width):
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}}
    page = open_as("alice", **look)
    found = {}
    for code in sorted(WORDS):
        monkeypatch.setitem(app.view_functions, "health.check", lambda code=code: abort(code))
        page.goto(f"{base}/healthz")
        found[code] = barriers(page)
        keep_look(page, f"error-{code}-{scheme}-{width}")

    assert {code: each for code, each in found.items() if each} == {}


def test_pictures_of_the_documents_are_taken(open_as, addresses, tmp_path):
    folder = Path(PICTURES or tmp_path)
    for who, pages in addresses.items():
        page = open_as(who, color_scheme="light", viewport=WINDOW, reduced_motion="reduce")
        for name in IN_DOCUMENTS:
            if name in pages:
                page.goto(pages[name])
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}.png")

    assert {
        name for name in IN_DOCUMENTS if (folder / f"{name}.png").stat().st_size > MOST
    } == set()


@pytest.fixture
def settings(environment: pytest.MonkeyPatch):
    environment.setenv("VOICELINE_TWILIO_NUMBERS", NUMBER)
    return load_settings()


@pytest.fixture
def line(services, world):
    return make_busy(services, world)


@pytest.fixture
def base(app) -> Iterator[str]:
    with served(app) as base:
        yield base


@pytest.fixture
def addresses(base, line, world) -> dict[str, dict[str, str]]:
    """The address of each page, by who opens it."""
    ids = {
        "acme": world.acme.id,
        "code": world.acme_code.id,
        "request": line.request.id,
        "unassigned": line.unassigned.id,
    }
    business = f"{base}/businesses/{world.acme.id}"
    return {
        "alice": {name: business + path.format(**ids) for name, path in OF_A_BUSINESS.items()},
        "olga": {name: base + path.format(**ids) for name, path in OF_THE_OPERATOR.items()},
    }


@pytest.fixture
def open_as(windows: Windows, app, base, line, world) -> Callable[..., Page]:
    """Open a window of somebody's."""
    people = {"alice": world.alice, "olga": line.olga}

    def open_as(who: str, **options: object) -> Page:
        name = app.config["LOGIN_COOKIE"]
        cookie = signed_in(app, people[who]).get_cookie(name).value
        return windows.open({"name": name, "value": cookie, "url": base}, strict=False, **options)

    return open_as
