"""Every page of the dashboard as its owner sees it, found by its route: none is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import IN_BOTH_LOOKS, IN_BROWSER, barriers, keep_look
from every_address import routes
from fakes.loopback import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient

pytestmark = [*IN_BROWSER, pytest.mark.timeout(600)]


@IN_BOTH_LOOKS
def test_no_page_has_barriers(app, alice, world, windows, scheme, width):
    found = {}
    with served(app) as base:
        cookie = {"name": "voiceline", "value": alice.get_cookie("voiceline").value, "url": base}
        page = windows.open(
            cookie, strict=False, color_scheme=scheme, viewport={"width": width, "height": 900}
        )
        for endpoint, path in pages(app, alice, world):
            page.goto(base + path)
            found[endpoint] = barriers(page)
            keep_look(page, f"{endpoint}-{scheme}-{width}")

    assert {endpoint: each for endpoint, each in found.items() if each} == {}
    assert len(found) > 40


def pages(app, alice: FlaskClient, world) -> Iterator[tuple[str, str]]:
    """Every address that answers Alice with a page; what it needs that the world lacks is a 404."""
    for rule, path, method in routes(app, world):
        if method != "GET" or rule.endpoint in {"static", "sign_in.sign_out"}:
            continue
        answer = alice.get(path)
        whole = answer.mimetype == "text/html" and b"<html" in answer.data[:200]
        if answer.status_code == 200 and whole:
            yield rule.endpoint, path
