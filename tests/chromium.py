"""Chromium, and what axe and our own eyes find wrong with a page in it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page, Playwright

ROOT = Path(__file__).parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium")

IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: run `make assets`"),
]
"""The marks of a test that opens pages."""

LOOKS = [("light", 1280), ("dark", 320)]
"""Scheme and width: no colour hangs on the width, and no width on the colours."""

IN_BOTH_LOOKS = pytest.mark.parametrize(("scheme", "width"), LOOKS)

SECONDS = 20


@contextmanager
def playing() -> Iterator[Playwright]:
    """Yield what starts browsers; a process has one at a time."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as player:
        yield player


@contextmanager
def launched(player: Playwright) -> Iterator[Browser]:
    """Yield a Chromium of one's own."""
    browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


class Windows:
    """Windows of one browser, each with cookies of its own, and what their pages complained of."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium, self._contexts = chromium, []
        self.complaints: list[str] = []

    def open(self, *cookies: object, strict: bool = True, **options: object) -> Page:
        """Open one that waits for as long as a test may; what it complains of is kept if strict."""
        context = self._chromium.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(SECONDS * 1000)
        context.add_cookies(cookies)
        page = context.new_page()
        if strict:
            page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts:
            context.close()


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait for that page: a click alone waits for nothing."""
    with link.page.expect_navigation():
        link.click()


def barriers(page: Page) -> list[str]:
    """Answer what keeps somebody from using the page: axe's findings, and what is cut off."""
    # What fades from one colour to another has, on its way, no contrast to speak of.
    page.emulate_media(reduced_motion="reduce")
    # Evaluated by the debugger, which our policy does not bind.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    cut_off = [f"{wide} px wider than the window"] if wide > 0 else []
    return cut_off + [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def keep_look(page: Page, name: str) -> None:
    """Keep a picture of the page in the folder `build/looks`, if there is one."""
    folder = ROOT / "build" / "looks"
    if folder.is_dir():
        page.screenshot(path=folder / f"{name}.png", full_page=True)
