"""A person calls with the softphone in Chromium, and hears the message again in the dashboard."""

from __future__ import annotations

import re

import pytest
from chromium import IN_BROWSER
from demos import serving_demo
from loopback_ports import free_ports
from speaking_browser import LIKE, likeness, speaking_browser

from voiceline.demo.seed import EMAIL
from voiceline.simulator.audio import RATE, read_wav

pytestmark = [
    *IN_BROWSER,
    pytest.mark.slow,
    pytest.mark.timeout(400),
]

SPOKEN_MS = 6000


def test_call_by_hand_is_heard_again_in_the_dashboard(demo, page, microphone):
    page.goto(demo.softphone)
    page.click("#call")
    press(page, "Enter the service code", "4021#")
    press(page, "You have reached Acme Shoes", "1")
    page.wait_for_selector("body[data-state=recording]", timeout=60_000)
    page.wait_for_timeout(SPOKEN_MS)
    press(page, "", "#")
    press(page, "To send it, press one", "1")
    spoken = page.wait_for_selector(
        "#log .said:has-text('Your reference is')", timeout=60_000
    ).inner_text()
    reference = "".join(re.findall(r"\d", spoken.partition("Your reference is")[2]))[:9]
    page.click("#hang-up")

    page.goto(demo.dashboard)
    page.fill("#email", EMAIL)
    page.fill("#password", demo.password)
    page.click("button[type=submit]")
    page.click("text=Acme Shoes")
    open_request(page, f"{reference[:3]}-{reference[3:6]}-{reference[6:]}")
    page.wait_for_selector("audio", state="attached", timeout=60_000)
    audio = page.request.get(f"{page.url}/audio.wav").body()

    heard = read_wav(audio)
    said = read_wav(microphone.read_bytes())
    assert len(heard) > 4 * RATE
    assert likeness(heard, said) > LIKE


def press(page, after: str, keys: str) -> None:
    """Press the pad's keys once the line has begun to say something."""
    if after:
        page.wait_for_selector(f"#log .said:has-text('{after}')", timeout=60_000)
    for key in keys:
        page.click(f"[data-key='{key}']")


def open_request(page, reference: str) -> None:
    """Open the request, once the inbox shows it."""
    for _ in range(60):
        if page.is_visible(f"text={reference}"):
            page.click(f"text={reference}")
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("the request never came into the inbox")


class Demo:
    """Where a running demo is."""

    def __init__(self, ports: list[int], password: str) -> None:
        _, dashboard, softphone, _ = ports
        self.dashboard = f"http://127.0.0.1:{dashboard}"
        self.softphone = f"http://127.0.0.1:{softphone}"
        self.password = password


@pytest.fixture
def demo(tmp_path):
    folder, ports = tmp_path / "var", free_ports(4)
    with serving_demo(folder, ports):
        yield Demo(ports, (folder / "dashboard_password").read_text())


@pytest.fixture
def page(player, tmp_path, microphone):
    with speaking_browser(player, tmp_path / "profile", microphone) as page:
        yield page
