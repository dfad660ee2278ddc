"""The player in Chromium: heard, followed word by word, found again; and it says why it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers
from factories import (
    AT,
    keep_audio,
    make_derived,
    make_message,
    make_transcript,
    make_voicemail,
    tone,
)
from fakes.loopback import served
from sqlalchemy import delete

from voiceline.models import LoginSession, Voicemail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

LONG = "please delete everything that you hold about me and tell me in writing " * 40
AUDIO = "document.querySelector('audio')"

pytestmark = IN_BROWSER


@IN_BOTH_LOOKS
def test_playing_player_has_no_barriers(open_page, long, scheme, width):
    page = open_page(long, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Play").first.click()
    soon(page, f"{AUDIO}.currentTime > 0.1")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_selector(".docked")

    assert barriers(page) == []


def test_mp3_is_what_is_heard(open_page, long):
    page = open_page(long)

    page.get_by_role("button", name="Play").click()

    soon(page, f"{AUDIO}.currentTime > 0.2")
    assert page.evaluate(f"{AUDIO}.currentSrc").endswith("audio.mp3")


def test_wav_is_heard_where_the_mp3_is_lost(open_page, long, services):
    page = open_page(long, strict=False)
    with services.sessions() as session:
        key = session.get_one(Voicemail, long.voicemail).derived.object_key
    services.store.delete(key)

    page.get_by_role("button", name="Play").click()

    soon(page, f"{AUDIO}.currentTime > 0.2")
    assert page.evaluate(f"{AUDIO}.currentSrc").endswith("audio.wav")
    assert page.locator("[data-trouble]:visible").count() == 0


def test_place_is_kept_over_a_reload_and_is_all_that_is_kept(open_page, long):
    page = open_page(long)
    slider = page.get_by_role("slider", name="Place in the message")

    slider.press("ArrowRight")
    page.get_by_role("button", name="Play").click()
    soon(page, f"{AUDIO}.currentTime > 5.2")
    page.get_by_role("button", name="Pause").click()
    page.reload()

    soon(page, f"{AUDIO}.currentTime > 5")
    assert page.evaluate(f"{AUDIO}.paused && {AUDIO}.networkState !== 2")
    assert slider.get_attribute("aria-valuetext").startswith("0:0")
    assert slider.get_attribute("aria-valuetext") != "0:00 of 0:20"
    kept = page.evaluate("JSON.parse(sessionStorage.getItem('voiceline-places'))")
    assert list(kept) == [str(long.voicemail)]
    assert isinstance(kept[str(long.voicemail)], float)
    # htmx notes the address it is at, which is an id, too
    others = "Object.keys(localStorage).concat(Object.keys(sessionStorage))"
    assert set(page.evaluate(others)) <= {"voiceline-places", "htmx-current-path-for-history"}


def test_words_are_one_tab_stop_and_arrows_move_between_them(open_page, long):
    page = open_page(long)
    page.locator(".words [tabindex='0']").focus()

    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")

    second = page.locator(".words > span").nth(1)
    assert second.evaluate("word => word === document.activeElement")
    assert page.locator(".words [tabindex]").count() == 1
    start = float(second.get_attribute("data-start"))
    soon(page, f"{AUDIO}.currentTime > {start} && !{AUDIO}.paused")


def test_words_roll_along_while_the_page_and_the_focus_stay(open_page, long):
    page = open_page(long)
    page.locator(".words > span").nth(400).evaluate("word => word.click()")
    soon(page, "document.querySelector('.words').scrollTop > 0")

    assert page.evaluate("window.scrollY") == 0
    assert page.evaluate("document.activeElement === document.body")
    assert page.locator(".words .said").count() <= 1


def test_slider_is_worked_by_keys_and_says_where_it_is(open_page, long):
    page = open_page(long)
    slider = page.get_by_role("slider", name="Place in the message")

    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End"):
        slider.press(key)

    soon(page, f"{AUDIO}.currentTime >= 19.9")
    assert slider.get_attribute("aria-valuetext") == "0:20 of 0:20"


def test_speed_keys_work_in_the_player_and_nowhere_else(open_page, long):
    page = open_page(long)

    page.keyboard.press(">")
    page.get_by_role("button", name="Play").press(">")

    assert page.evaluate(f"{AUDIO}.playbackRate") == 1.25


def test_player_stays_at_hand_and_hides_no_focus(open_page, long):
    page = open_page(long, viewport={"width": 1280, "height": 500})
    page.get_by_role("button", name="Play").click()
    soon(page, f"{AUDIO}.currentTime > 0.1")
    page.evaluate("window.scrollTo(0, 10000)")
    page.wait_for_selector(".docked")

    hidden = []
    page.locator("a.up").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        hidden += page.evaluate(COVERED)

    assert hidden == []


def test_one_message_is_heard_at_a_time(open_page, two_takes):
    page = open_page(two_takes)
    page.get_by_role("button", name="Play").first.click()
    soon(page, f"!{AUDIO}.paused && {AUDIO}.currentTime > 0.1")

    page.get_by_role("button", name="Play").first.click()

    soon(page, "!document.querySelectorAll('audio')[1].paused")
    assert page.evaluate(f"{AUDIO}.paused")


def test_d24_audio_that_expired_meanwhile_is_told(open_page, long, services):
    page = open_page(long, strict=False)
    with services.sessions.begin() as session:
        session.get_one(Voicemail, long.voicemail).expire(AT)

    page.get_by_role("button", name="Play").click()
    page.get_by_role("link", name="See what was kept").click()
    page.wait_for_selector("text=This audio is gone")

    assert page.locator("audio").count() == 0
    assert page.get_by_role("button", name="Play").count() == 0
    page.get_by_role("link", name="Go to the request").click()
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("audio").count() == 0


def test_ended_session_is_told(open_page, long, services):
    page = open_page(long, strict=False)
    with services.sessions.begin() as session:
        session.execute(delete(LoginSession))

    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("text=You were signed out")

    assert page.evaluate(f"{AUDIO}.paused && {AUDIO}.currentTime === 0")
    assert page.locator(".notice[data-trouble]:visible").count() == 1


def test_lost_connection_is_told_and_play_tries_again(open_page, long):
    page = open_page(long, strict=False)
    page.route("**/audio.*", lambda route: route.abort())
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector("text=cannot reach us")
    page.unroute("**/audio.*")

    page.get_by_role("button", name="Play").click()

    soon(page, f"{AUDIO}.currentTime > 0.1")
    assert page.locator("[data-trouble]:visible").count() == 0


COVERED = """(() => {
    const [deck, it] = [document.querySelector(".docked > .deck"), document.activeElement];
    if (!deck || deck.contains(it) || it === document.body) return [];
    const [over, box] = [deck.getBoundingClientRect(), it.getBoundingClientRect()];
    return box.top >= over.top ? [it.outerHTML.slice(0, 80)] : [];
})()"""


class Shown:
    """A request's page, and the message on it."""

    def __init__(self, path: str, voicemail: object) -> None:
        self.path, self.voicemail = path, voicemail


def soon(page: Page, expression: str) -> None:
    """Wait until it is so; our policy forbids the page itself to evaluate a string."""
    for _ in range(400):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never so: {expression}")


@pytest.fixture
def long(services, world) -> Shown:
    """A message of twenty seconds with a long draft."""
    with services.sessions.begin() as session:
        request, mail = make_message(
            session, world.acme_code, services.store, text=LONG, audio=tone(20.0)
        )
        make_derived(session, mail, services.store)
        return Shown(f"{world.inbox}/{request.id}", mail.id)


@pytest.fixture
def two_takes(services, world) -> Shown:
    """A request with two messages that both stand."""
    with services.sessions.begin() as session:
        request, mail = make_message(session, world.acme_code, services.store, audio=tone(20.0))
        other = make_voicemail(session, mail.call, take=None)
        keep_audio(session, other, services.store, tone(20.0))
        make_transcript(session, other)
        return Shown(f"{world.inbox}/{request.id}", mail.id)


@pytest.fixture
def base(app) -> Iterator[str]:
    with served(app) as base:
        yield base


@pytest.fixture
def open_page(windows, base, alice) -> Iterator[Callable[..., Page]]:
    """Open a page as Alice; whatever it complains of fails the test, unless that is its subject."""
    cookie = {"name": "voiceline", "value": alice.get_cookie("voiceline").value, "url": base}

    def open_page(shown: Shown, **options: object) -> Page:
        page = windows.open(cookie, **options)
        page.goto(base + shown.path)
        page.wait_for_selector(".player.ready")
        return page

    yield open_page
    assert [said for said in windows.complaints if "inline style" not in said] == []
