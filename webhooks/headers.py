"""What anybody may do with an answer of the telephone: one exact set of headers for each class.

The carrier reads words and sound and heeds none of these but how long sound may be kept. They are
for the browser of somebody who opens an address of ours by hand, and for whatever stands between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webhooks.line import line

if TYPE_CHECKING:
    from flask import Flask, Response

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def set_up(app: Flask) -> None:
    """Give every answer its headers."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Add them; what no view lets be kept is not kept: it speaks to one call."""
    response.headers.update(EVERYWHERE)
    response.headers.setdefault("Cache-Control", "no-store")
    if urlsplit(line().settings.telephone_url).scheme == "https":
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response
