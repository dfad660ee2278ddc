"""What is refused before any view: a form that another site's page sends.

There is no cookie and no session to ride on, so a foreign page could do no more than its own
server could; browsers that say where a request comes from are believed all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, request

if TYPE_CHECKING:
    from flask import Flask

SAFE_METHODS = frozenset({"GET", "HEAD"})
OWN_SITE = frozenset({None, "same-origin", "none"})


def set_up(app: Flask) -> None:
    """Put the gate before every view."""
    app.before_request(refuse_other_sites)


def refuse_other_sites() -> None:
    """Refuse a change that another site's page asks for; our form in a frame is our own page."""
    if request.method not in SAFE_METHODS and (
        request.headers.get("Sec-Fetch-Site") not in OWN_SITE
    ):
        abort(400)
