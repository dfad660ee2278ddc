"""The inbox by keyboard and by ticks, in Chromium; and its pages without a barrier."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from factories import AT, make_message
from fakes.loopback import served
from sqlalchemy import delete, select
from staff import signed_in as sign_in

from voiceline.models import LoginSession, PrivacyRequest, User
from voiceline.search_documents import follow_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

pytestmark = IN_BROWSER

FOCUSED = "document.activeElement.textContent"


@IN_BOTH_LOOKS
def test_pages_of_triage_have_no_barriers(signed_in, world, scheme, width):
    size = {"width": width, "height": 900}
    # axe itself tries inline styles, of which our policy complains
    page = signed_in(world.inbox, strict=False, color_scheme=scheme, viewport=size)
    inbox, found = page.url, {}

    def look(name: str) -> None:
        found[name] = barriers(page)

    page.goto(f"{inbox}?status=all&q=please&language=en&due=overdue&from=2999-01-01")
    look("nothing")
    page.goto(f"{inbox}?status=open&language=en")
    page.locator(".filter summary").click()
    look("filter")
    page.locator("[name=ids]").first.check()
    look("ticked")
    page.get_by_role("button", name="Assign…").click()
    page.wait_for_url("**/bulk")
    look("confirm")
    page.locator("[name=to]").first.check()
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/bulk/*")
    look("result")
    page.goto(f"{inbox}/views?status=open&language=en")
    page.fill("#name", "English")
    page.get_by_role("button", name="Save this view").click()
    page.wait_for_url("**language=en")
    look("view")
    page.goto(f"{inbox}/views")
    look("views")
    page.goto(f"{inbox}/{world.request.id}/assign")
    look("assign")
    page.goto(inbox)
    page.get_by_role("button", name="Keys: press ?").click()
    look("keys")

    assert found == {name: [] for name in found}


def test_triage_by_keyboard(signed_in, world, services):
    page = signed_in(f"{world.inbox}?status=all&order=newest")
    references = page.locator(".list .reference").all_inner_texts()

    page.keyboard.press("j")
    _assert_soon(page, f"{FOCUSED} === '{references[0]}'")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    _assert_soon(page, f"{FOCUSED} === '{references[1]}'")
    page.keyboard.press("x")
    page.wait_for_selector(".bulk >> text=1 chosen")
    page.keyboard.press("a")
    page.wait_for_selector("text=Assigned to you.")
    page.keyboard.press("u")
    page.wait_for_selector("text=Marked as")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests/*-*")
    page.wait_for_selector("form[data-reading=unread]")
    page.keyboard.press("j")
    page.wait_for_selector(f"h1:has-text('{references[2]}')")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_selector(".list")

    with services.sessions() as session:
        wanted = references[1].replace("-", "")
        request = session.query(PrivacyRequest).filter_by(reference=wanted).one()
        assert session.get(User, request.assignee_id).name == "Alice Abbott"


def test_who_was_signed_out_is_not_told_that_it_was_saved(signed_in, world, services):
    page = signed_in(world.inbox, strict=False)  # browsers complain of any 401
    with services.sessions.begin() as session:
        session.execute(delete(LoginSession))

    page.keyboard.press("j")
    page.keyboard.press("a")

    page.wait_for_selector("text=That was not saved, because you were signed out")
    with services.sessions() as session:
        assert set(session.scalars(select(PrivacyRequest.assignee_id))) == {None}


def test_keys_do_nothing_while_somebody_types(signed_in, world):
    page = signed_in(world.inbox)

    page.keyboard.press("/")
    page.keyboard.type("jx?u")
    page.keyboard.press("Control+a")

    assert page.input_value("#q") == "jx?u"
    assert page.locator("dialog[open]").count() == 0
    assert page.locator("[name=ids]:checked").count() == 0


def test_question_mark_lists_the_keys(signed_in, world):
    page = signed_in(world.inbox)

    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] >> text=Assign it to me")
    page.keyboard.press("Escape")

    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch keys off").click()
    page.wait_for_selector("text=Switch single keys on")
    page.keyboard.press("?")
    assert page.locator("dialog").count() == 0


def test_request_is_read_once_it_is_shown_and_back_is_where_one_was(signed_in, world):
    low = {"width": 1280, "height": 300}
    page = signed_in(f"{world.inbox}?status=all&order=newest", viewport=low)
    link = page.locator("tr.unread .reference").last
    reference = link.inner_text()

    link.click()
    page.wait_for_selector("form[data-reading=unread]")
    page.click("a.up")
    page.wait_for_url("**status=all&order=newest")

    row = page.locator(f"tr:has-text('{reference}')")
    assert "unread" not in (row.get_attribute("class") or "")
    _assert_soon(page, "window.scrollY > 0")
    _assert_soon(page, f"{FOCUSED} === '{reference}'")


def test_all_of_it_works_without_javascript(signed_in, world):
    page = signed_in(world.inbox, java_script_enabled=False)
    request = page.url.partition("?")[0] + f"/{world.request.id}"

    page.fill("#q", "number 3")
    page.get_by_role("button", name="Search").click()
    page.locator("[name=ids]").first.check()
    page.get_by_role("button", name="Mark as read").click()

    assert "1 marked as read" in page.inner_text("#result")
    page.get_by_role("button", name="Undo").click()
    assert "1 undone" in page.inner_text("#result")
    page.goto(request)
    page.get_by_role("button", name="Mark as read").click()
    page.get_by_role("button", name="Mark as unread").click()
    page.wait_for_selector(".list")


def _assert_soon(page: Page, expression: str) -> None:
    """Wait until it is so; our policy forbids the page itself to evaluate a string."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {expression}")


@pytest.fixture
def signed_in(windows: Windows, app, world, some) -> Iterator[Callable[..., Page]]:
    """Open a page of Acme's as Alice; whatever the browser complains of fails the test."""
    with served(app) as base:
        name = app.config["LOGIN_COOKIE"]
        cookie = sign_in(app, world.alice).get_cookie(name).value

        def open_page(path: str, **options: object) -> Page:
            page = windows.open({"name": name, "value": cookie, "url": base}, **options)
            page.goto(f"{base}{path}")
            return page

        yield open_page
    assert windows.complaints == []


@pytest.fixture
def some(services, world):
    """Enough to triage: five more requests, and every word that can be searched for."""
    with services.sessions.begin() as session:
        for days in range(5):
            make_message(
                session,
                world.acme_code,
                text=f"please delete what you have number {days}",
                received_at=AT - timedelta(days=days, minutes=1),
                filed_at=AT + timedelta(minutes=days),
            )
        for each in session.query(PrivacyRequest).all():
            follow_document(session, each)
