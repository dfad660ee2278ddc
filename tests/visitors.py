"""The public in the tests: somebody who opens a form, fills it in, and sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from staff import Clock
    from werkzeug.test import TestResponse

    from voiceline.models import Business

LEISURE = timedelta(seconds=30)
"""How long somebody takes to fill in the form."""

WISH = {
    "rights": ["delete"],
    "standing": "self",
    "name": "María López",
    "email": "maria@example.com",
    "phone": "415 555 0123",
    "residence": "US-CA",
    "details": "Order 88.",
}


@dataclass(frozen=True)
class World:
    """Acme Shoes and Bolt Bikes."""

    acme: Business
    bolt: Business


@dataclass
class Public:
    """Somebody with a browser."""

    client: FlaskClient
    clock: Clock
    path: str = "/4021"

    def token(self, **headers: str) -> str:
        """Open the form and answer the number it carries."""
        return token_in(self.client.get(self.path, headers=headers).text)

    def send(self, token: str | None = None, **wish: Any) -> TestResponse:
        """Send the form with these fields alone."""
        if token is None:
            token = self.token()
            self.clock.wait(LEISURE)
        return self.client.post(self.path, data={"token": token} | wish)

    def ask(self, **wish: Any) -> TestResponse:
        """Send the form as María would, but for these fields."""
        return self.send(**WISH | wish)

    def receipt(self, **wish: Any) -> TestResponse:
        """Send the form and answer the page that follows."""
        answer = self.ask(**wish)
        if answer.status_code != 303:
            raise AssertionError(f"not filed: {answer.status_code} {complaints(answer)}")
        return self.client.get(answer.headers["Location"])


def token_in(page: str) -> str:
    return page.partition('name="token" value="')[2].partition('"')[0]


def complaints(answer: TestResponse) -> list[str]:
    """Answer what the summary of errors says."""
    summary = answer.text.partition('class="summary"')[2].partition("</div>")[0]
    items = re.findall(r"<li>(.*?)</li>", summary, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in items]


def reference_in(page: str) -> str:
    (found,) = re.findall(r'class="reference">([0-9-]{11})<', page)
    return found.replace("-", "")
