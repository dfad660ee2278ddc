"""Who proves to be there in another tab, and the page that kept meanwhile what they chose."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from factories import PASSWORD
from staff import csrf_token

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def hidden_fields(page: str) -> list[tuple[str, str]]:
    """Answer what the page's own form sends back, in its order."""
    main = page.partition("<main")[2]
    return [(unescape(name), unescape(value)) for name, value in HIDDEN.findall(main)]


def prove(client: FlaskClient) -> None:
    """Prove with the password that it is they."""
    form = {"csrf_token": csrf_token(client, "/confirm"), "password": PASSWORD}
    answer = client.post("/confirm", data=form)
    if answer.status_code != 303:
        raise AssertionError("not believed")
