"""What a person sees and does, in Chromium: no error, no barrier, no word from another site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from factories import (
    AT,
    PASSWORD,
    keep_audio,
    make_business,
    make_call,
    make_code,
    make_member,
    make_message,
    make_request,
    make_transcript,
    make_user,
    make_voicemail,
    tone,
)
from fakes.loopback import served

from voiceline.evidence.checking import check_pack
from voiceline.models import CanaryCall, Voicemail
from voiceline.notes import add_note, edit_note
from voiceline.records import begin_record
from voiceline.rules.canary import CanaryOutcome, CanaryStep
from voiceline.rules.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chromium import Windows
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
pytestmark = IN_BROWSER

PAGES = [
    *("sign_in", "inbox", "request", "pending", "unnamed", "businesses", "empty", "gone", "404"),
    *("entering", "records", "figures", "letter", "notices", "overview", "trail", "confirm"),
    *("note", "codes"),
]


@IN_BOTH_LOOKS
def test_pages_have_no_barriers(open_page, addresses, scheme, width):
    # axe itself tries inline styles, of which our policy complains
    page = open_page(strict=False, color_scheme=scheme, viewport={"width": width, "height": 800})

    found = {}
    for name in PAGES:
        _show(page, name, addresses)
        found[name] = barriers(page)

    assert found == {name: [] for name in PAGES}


def test_message_is_played_and_its_words_are_lit(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["inbox"])
    page.click(f"a.reference[href='{urlsplit(addresses['request']).path}']")
    page.wait_for_selector(".seek:visible")

    page.get_by_role("button", name="Play").click()

    _assert_soon(page, "document.querySelector('audio').currentTime > 0.2")
    page.wait_for_selector(".words .said")
    page.get_by_role("button", name="Pause").click()
    lit = page.locator(".words .said").bounding_box()
    assert lit["width"] < page.locator(".words").bounding_box()["width"] / 2  # it stays in its line
    assert page.evaluate("document.querySelector('audio').paused")
    page.reload()
    page.wait_for_selector("text=Listened to")


def test_clicked_word_is_heard(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["request"])
    page.wait_for_selector(".player[data-ready]")
    last = page.locator(".words > span").last

    last.click()

    start = float(last.get_attribute("data-start"))
    _assert_soon(page, f"document.querySelector('audio').currentTime >= {start}")


def test_keys_play_and_jump(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["request"])
    page.wait_for_selector(".player[data-ready]")
    page.evaluate("document.querySelector('audio').preload = 'auto'")
    _assert_soon(page, "document.querySelector('audio').readyState > 0")

    page.keyboard.press("ArrowRight")
    _assert_soon(page, "document.querySelector('audio').currentTime >= 3")
    page.keyboard.press("ArrowLeft")
    _assert_soon(page, "document.querySelector('audio').currentTime == 0")
    page.keyboard.press("Space")

    _assert_soon(page, "!document.querySelector('audio').paused")


def test_speed_is_remembered(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["request"])
    page.select_option(".speed select", "1.5")

    page.reload()

    _assert_soon(page, "document.querySelector('audio').playbackRate == 1.5")


def test_nothing_is_played_or_noted_unasked(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["request"])
    page.wait_for_selector(".seek:visible")

    page.reload()

    page.wait_for_selector(".seek:visible")
    assert page.evaluate("document.querySelector('audio').paused")
    assert page.locator("text=Listened to").count() == 0


def test_player_appears_when_the_audio_is_there(open_page, addresses, services):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["pending"])
    page.wait_for_selector("text=The audio is being stored")
    with services.sessions.begin() as session:
        mail = session.get_one(Voicemail, addresses["pending_voicemail"])
        keep_audio(session, mail, services.store, tone(1))
        make_transcript(session, mail, "hello there")

    page.wait_for_selector(".player[data-ready]")

    assert page.get_by_role("button", name="Play").is_visible()


def test_everything_works_without_scripts(open_page, addresses):
    page = _signed_in(open_page(java_script_enabled=False), addresses)

    page.goto(addresses["inbox"])
    page.click(f"a.reference[href='{urlsplit(addresses['request']).path}']")

    assert page.locator("audio[controls]").is_visible()
    assert page.locator(".controls").is_hidden()
    with page.expect_download() as download:
        page.click("noscript a")
    assert download.value.suggested_filename.startswith("VL-")


def test_a_note_with_a_file_is_written_without_scripts(open_page, addresses, tmp_path):
    page = _signed_in(open_page(java_script_enabled=False), addresses)
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Acme")
    page.goto(addresses["unnamed"])

    page.get_by_label("New note").fill("See her letter.")
    page.get_by_label("Files, if any").set_input_files(letter)
    page.get_by_role("button", name="Keep note").click()

    page.wait_for_selector("text=See her letter.")
    with page.expect_download() as download:
        page.get_by_role("link", name="letter.txt").click()
    assert Path(download.value.path()).read_text() == "Dear Acme"


def test_an_evidence_pack_is_taken_and_holds(open_page, addresses, tmp_path):
    page = _signed_in(open_page(java_script_enabled=False), addresses)
    page.goto(addresses["request"])

    with page.expect_download() as download:
        page.get_by_role("button", name="Evidence pack").click()

    assert download.value.suggested_filename.endswith("_evidence_2026-11-21.zip")
    with Path(download.value.path()).open("rb") as file:
        assert check_pack(file).excerpt.entries


def test_a_letter_is_entered_and_counts_from_its_day(open_page, addresses):
    page = _signed_in(open_page(java_script_enabled=False), addresses)
    page.goto(addresses["inbox"])
    page.get_by_role("link", name="Enter a request").click()
    page.get_by_label("Letter").check()
    page.get_by_label("The day it came").fill("2026-10-01")
    page.get_by_label("Delete").check()
    page.get_by_label("E-mail", exact=True).last.fill("dana@example")

    page.get_by_role("button", name="File the request").click()
    page.get_by_role("link", name="That is no e-mail address").click()
    page.locator("#email").fill("dana@example.com")
    page.get_by_role("button", name="File the request").click()

    page.wait_for_selector("text=dana@example.com")
    assert "overdue" in page.locator(".heading").inner_text().lower()


def test_focus_can_be_seen_and_skips(open_page, addresses):
    page = _signed_in(open_page(), addresses)
    page.goto(addresses["inbox"])

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0


def _show(page: Page, name: str, addresses: dict[str, str]) -> None:
    if name == "businesses":
        _signed_in(page, addresses)
    elif name == "404":
        page.goto(addresses["base"] + "/no/such/page")
        return
    elif name == "sign_in":
        page.goto(addresses["sign_in"])
        return
    elif "/sign-in" in page.url:
        _signed_in(page, addresses)
    page.goto(addresses[name])
    if name == "request":
        page.wait_for_selector(".seek:visible")


def _signed_in(page: Page, addresses: dict[str, str]) -> Page:
    page.goto(addresses["sign_in"])
    if "/sign-in" in page.url:
        page.fill("#email", "alice@example.com")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/businesses**")
    return page


def _assert_soon(page: Page, expression: str) -> None:
    """Wait until it is so; our policy forbids the page itself to evaluate a string."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {expression}")


@pytest.fixture
def open_page(windows: Windows) -> Iterator[Callable[..., Page]]:
    """Open pages as somebody's browser; whatever one complains of fails the test."""
    yield windows.open
    # the 404 and 410 pages themselves are errors to a console
    assert [
        said for said in windows.complaints if "the server responded with a status of 4" not in said
    ] == []


@pytest.fixture(autouse=True)
def watched(environment: pytest.MonkeyPatch) -> None:
    """Have the line call itself, at two numbers."""
    environment.setenv("VOICELINE_CANARY_FROM", "+14155550160")
    environment.setenv("VOICELINE_TWILIO_NUMBERS", "+18005550100,+18005550101")


@pytest.fixture
def addresses(app, services, world) -> Iterator[dict[str, str]]:
    """Serve the dashboard on loopback, with a page of every kind."""
    with services.sessions.begin() as session:
        request, _ = make_message(
            session,
            world.acme_code,
            services.store,
            text="please stop selling my data thank you",
            right=Right.OPT_OUT,
        )
        unnamed, _ = make_message(session, world.acme_code, right=None)
        call = make_call(session, world.acme_code)
        pending_voicemail = make_voicemail(session, call)
        pending = make_request(session, world.acme_code, call=call)
        gone, gone_voicemail = make_message(session, world.acme_code, services.store)
        gone_voicemail.expire(AT)
        for each in (request, unnamed, pending):
            begin_record(session, each, at=AT)
        note = add_note(session, request, uuid4(), "Called back.", session.merge(world.alice), AT)
        edit_note(session, request, note, "Called twice.", session.merge(world.alice), AT, seen=1)
        harbor = make_business(session, "Harbor Candles")
        make_code(session, harbor, "6150")
        make_member(session, harbor, session.merge(world.alice))
        make_user(session, "Erin Estes")
        for number, outcome in (("+18005550100", "ok"), ("+18005550101", "failed")):
            session.add(_verdict(number, CanaryOutcome(outcome)))
    with served(app) as base:
        inbox = base + world.inbox
        yield {
            "base": base,
            "sign_in": f"{base}/sign-in",
            "businesses": f"{base}/businesses",
            "inbox": inbox,
            "request": f"{inbox}/{request.id}",
            "letter": f"{inbox}/{request.id}/letters/write?kind=acknowledgement",
            "notices": f"{base}/businesses/{world.acme.id}/notices",
            "unnamed": f"{inbox}/{unnamed.id}",
            "pending": f"{inbox}/{pending.id}",
            "pending_voicemail": pending_voicemail.id,
            "gone": f"{inbox}/{gone.id}/audio.wav",
            "entering": f"{inbox}/new",
            "records": f"{base}/businesses/{world.acme.id}/records",
            "figures": f"{base}/businesses/{world.acme.id}/metrics?year=2026",
            "overview": f"{base}/businesses/{world.acme.id}/overview",
            "trail": f"{base}/businesses/{world.acme.id}/trail",
            "confirm": f"{base}/confirm",
            "note": f"{inbox}/{request.id}/notes/{note.id}",
            "codes": f"{base}/businesses/{world.acme.id}/codes",
            "empty": f"{base}/businesses/{harbor.id}/requests",
        }


def _verdict(number: str, outcome: CanaryOutcome) -> CanaryCall:
    return CanaryCall(
        number=number,
        from_number="+14155550160",
        language="en",
        code="11812345",
        placed_at=AT,
        outcome=outcome,
        failed_step=CanaryStep.CODE if outcome == CanaryOutcome.FAILED else None,
    )
