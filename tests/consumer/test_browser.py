"""What a consumer sees and does, in Chromium: no barrier, no script, no cookie, in a frame too."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers, follow, keep_look
from fakes.loopback import served
from sqlalchemy import select
from werkzeug.wrappers import Response

from voiceline.audit.keys import SigningKey
from voiceline.commands.context import now
from voiceline.consumer import create_app
from voiceline.email_links import draw_link
from voiceline.intake import find_code
from voiceline.models import AllowedSite, PrivacyRequest
from voiceline.rules.rights import Right
from voiceline.rules.standings import Standing
from voiceline.web_receipts import receipt_code, receipt_of
from voiceline.web_requests import Sent, file_sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

PAGES = ["front", "form", "spanish", "receipt", "stop", "check", "confirm", "status", "missing"]


@IN_BOTH_LOOKS
def test_pages_have_no_barriers(open_page, addresses, scheme, width):
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})

    found = {}
    for name in PAGES:
        page.goto(addresses[name])
        found[name] = barriers(page)
        keep_look(page, f"public-{name}-{scheme}-{width}")
    page.goto(addresses["form"])
    follow(page.get_by_role("button"))
    found["errors"] = barriers(page)
    keep_look(page, f"public-errors-{scheme}-{width}")

    assert found == {name: [] for name in [*PAGES, "errors"]}


def test_request_is_made_and_followed_without_scripts(open_page, addresses):
    page = open_page(java_script_enabled=False)
    page.goto(f"{addresses['base']}/")
    page.get_by_label("Service code").fill("4021")
    page.get_by_role("button").click()
    page.get_by_label("Delete my information").check()
    page.get_by_label("E-mail address").fill("maria@example.com")
    page.wait_for_timeout(2100)  # nobody fills in a form in two seconds

    page.get_by_role("button", name="Send the request").click()

    reference = page.locator(".reference").inner_text()
    assert "Your request was received" in page.locator("h1").inner_text()
    page.get_by_role("link", name="See how the request stands").click()
    page.get_by_label("Reference").fill(reference)
    page.get_by_role("button").click()
    assert "has been acknowledged" in page.locator("[role=status]").inner_text()


def test_error_is_shown_first_and_leads_to_its_field(open_page, addresses):
    page = open_page()
    page.goto(addresses["form"])
    page.get_by_label("Delete my information").check()
    page.get_by_label("E-mail address").fill("maria")

    page.get_by_role("button", name="Send the request").click()

    assert page.evaluate("document.activeElement.className") == "summary"
    page.locator(".summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "email"
    described = page.locator("#email").get_attribute("aria-describedby")
    assert described == "email-hint email-error"
    assert page.locator("#email").input_value() == "maria"


def test_form_works_in_a_frame_of_an_allowed_site(open_page, addresses):
    page = open_page()
    page.goto(addresses["allowed_site"])
    frame = page.frame_locator("iframe")
    frame.get_by_label("Do not sell or share").check()
    page.wait_for_timeout(2100)

    frame.get_by_role("button", name="Send the request").click()

    assert "received" in frame.locator("h1").inner_text()
    assert page.context.cookies() == []


def test_form_is_not_shown_in_another_site(open_page, addresses):
    page = open_page()

    page.goto(addresses["foreign_site"])

    assert page.frame_locator("iframe").get_by_label("Do not sell or share").count() == 0


def test_nobody_sees_or_reaches_the_trap(open_page, addresses):
    page = open_page()
    page.goto(addresses["form"])

    box = page.locator(".trap").bounding_box()

    assert (box["width"], box["height"]) == (1, 1)
    assert page.locator("#website").get_attribute("tabindex") == "-1"
    assert page.locator(".trap").get_attribute("aria-hidden") == "true"


@pytest.fixture
def open_page(windows: Windows) -> Callable[..., Page]:
    return partial(windows.open, strict=False)


@pytest.fixture
def addresses(services, world) -> Iterator[dict[str, str]]:
    """Serve the public pages, and two sites that show the form in a frame."""
    app = create_app(services)
    with served(app) as base, served(_frame(base)) as site:
        allowed = site.replace("127.0.0.1", "localhost")
        with services.sessions.begin() as session:
            acme = session.merge(world.acme)
            clock = acme.opened_at
            session.add(AllowedSite(business_id=acme.id, origin=allowed, created_at=clock))
        yield {
            "base": base,
            "front": f"{base}/",
            "form": f"{base}/4021",
            "spanish": f"{base}/4021?lang=es",
            "check": f"{base}/receipt",
            "status": f"{base}/status",
            "missing": f"{base}/9999",
            "receipt": base + _filed(services, Right.DELETE),
            "stop": base + _filed(services, Right.OPT_OUT),
            "confirm": base + _link(services),
            "allowed_site": allowed,
            "foreign_site": site,
        }


def _filed(services, right: Right) -> str:
    """Answer the address of the receipt of a request that was just filed."""
    key = SigningKey(services.settings.receipt_signing_key.get_secret_value())
    with services.sessions.begin() as session:
        code = find_code(session, "4021", now())
        sent = Sent((right,), Standing.SELF, "en", email="maria@example.com")
        filed = file_sent(
            session, code, sent, key=right, texts_version="en/1", secret="s" * 32, at=now()
        )
        return f"/receipt/{receipt_code(receipt_of(filed, key), key)}"


def _link(services) -> str:
    with services.sessions.begin() as session:
        request = session.scalars(select(PrivacyRequest)).first()
        draw_link(session, request, "maria@example.com", token="t" * 43, at=now())
    return f"/confirm/{'t' * 43}"


def _frame(base: str):
    """Answer a site of one page, with the form in a frame."""
    page = f'<!doctype html><title>Acme</title><iframe src="{base}/4021" width=600 height=900>'
    return Response(page, content_type="text/html")
