"""The operator's queue, its numbers and the line's health, in Chromium; without a barrier."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import IN_BROWSER, barriers
from factories import AT, make_call, make_message, make_voicemail
from fakes.loopback import served
from operators import make_operator
from sqlalchemy import select
from staff import signed_in as sign_in

from voiceline.models import ServiceCode
from voiceline.number_looks import keep_look
from voiceline.rules.service_codes import OPERATOR_CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

SHOTS = os.environ.get("VOICELINE_SHOTS")
"""A folder for what the pages look like, where somebody wants to see it."""

MESSAGES = (
    "hello this is for acme shoes please delete my data",
    "yes i want to know what bolt bikes has about me",
    "i am calling about my account please call me back",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_the_queue_have_no_barriers(opened, scheme, width):
    size = {"width": width, "height": 900}
    page = opened("/operator/unassigned", strict=False, color_scheme=scheme, viewport=size)
    found = {}

    def look(name: str) -> None:
        found[name] = barriers(page)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{scheme}.png", full_page=True)

    look("queue")
    page.locator("a.reference").first.click()
    page.wait_for_url("**/operator/unassigned/*")
    look("item")
    page.fill("#q", "bolt")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**q=bolt")
    look("found")
    page.locator(".receivers a").first.click()
    page.wait_for_url("**code=*")
    look("confirm")
    page.get_by_role("button", name="Hand over").click()
    page.wait_for_url("**said=*")
    look("next")
    page.locator("main nav a", has_text="Unassigned").click()
    for box in page.locator("[name=ids]").all():
        box.check()
    page.get_by_role("button", name="Hand over what is ticked").click()
    page.wait_for_url("**/hand-over?*")
    look("choose")
    page.fill("#q", "acme")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**q=acme")
    page.locator(".receivers a").first.click()
    page.get_by_role("button", name="Hand over").click()
    page.wait_for_url("**/hand-over")
    look("result")
    for name in ("unassigned", "numbers", "health"):
        page.goto(f"{page.url.partition('/operator')[0]}/operator/{name}")
        look(f"{name}-end")

    assert not any(found.values()), found


@pytest.fixture
def opened(windows: Windows, app, left) -> Iterator[Callable[..., Page]]:
    """Open a page as one of the operator's people."""
    with served(app) as base:
        name = app.config["LOGIN_COOKIE"]
        cookie = sign_in(app, left).get_cookie(name).value

        def open_page(path: str, **options: object) -> Page:
            page = windows.open({"name": name, "value": cookie, "url": base}, **options)
            page.goto(f"{base}{path}")
            return page

        yield open_page


@pytest.fixture
def left(services, world):
    """Three messages of callers without a code, work that stands still, numbers looked at."""
    with services.sessions.begin() as session:
        olga = make_operator(session)
        operators = session.scalars(select(ServiceCode).filter_by(code=OPERATOR_CODE)).one()
        for days, text in enumerate(MESSAGES):
            received_at = AT - timedelta(days=20 * days, hours=2)
            _, voicemail = make_message(
                session, operators, services.store, text=text, received_at=received_at
            )
            voicemail.call.unassigned = True
        code = session.get_one(ServiceCode, world.acme_code.id)
        code.dedicated_number = "+18885550199"
        parked = make_voicemail(session, make_call(session, code))
        parked.fail("the store is full", AT - timedelta(hours=2))
        keep_look(session, "+18005550100", differing=[], problem=None, at=AT - timedelta(hours=1))
        keep_look(session, "+18885550199", differing=["voice_url"], problem=None, at=AT)
        return olga
