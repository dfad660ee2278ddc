"""Taking voicemails away, in Chromium: said first, taken by one click, told when it is done."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from factories import make_message
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed"),
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: run `make assets`"),
]


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


def test_page_has_no_barriers(open_inbox):
    found = {}
    for scheme in ("light", "dark"):
        for width in (320, 1280):
            page = open_inbox(color_scheme=scheme, viewport={"width": width, "height": 800})
            page.goto(f"{page.url.partition('?')[0]}/downloads?status=all")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            violations = page.evaluate("axe.run()")["violations"]
            wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            found[scheme, width] = [each["id"] for each in violations] + ["wide"] * wide

    assert set(map(tuple, found.values())) == {()}


@pytest.fixture
def open_inbox(app, alice, world, services) -> Iterator[object]:
    """Open the inbox as Alice, with three messages."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with services.sessions.begin() as session:
        for _ in range(2):
            make_message(session, world.acme_code, services.store)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    cookie = {"name": "voiceline", "value": alice.get_cookie("voiceline").value, "url": base}
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def open_inbox(**options: object) -> object:
            context = browser.new_context(**options)
            context.set_default_timeout(20_000)
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(base + world.inbox)
            return page

        yield open_inbox
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass
