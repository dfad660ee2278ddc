"""What a browser may do with an answer: one exact set of headers for each class of answers.

A form may be shown inside the sites its business has allowed, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import g, request

from voiceline.allowed_sites import sites_of_code
from voiceline.consumer.context import services

if TYPE_CHECKING:
    from flask import Flask, Response
    from sqlalchemy.orm import Session

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ALONE = "same-origin"
FRAMED = "cross-origin"
"""Sites that isolate themselves take pages of others only where these say so."""

CONTENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
STATIC_POLICY = "default-src 'none'; frame-ancestors 'none'"
KEPT = "public, max-age=31536000, immutable"
STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def set_up(app: Flask) -> None:
    """Give every answer its headers."""
    app.after_request(add_headers)


def allow_framing(session: Session, code: str) -> None:
    """Let this answer be shown on the sites of the business whose code it is."""
    g.sites = tuple(sites_of_code(session, code))


def add_headers(response: Response) -> Response:
    """Add the headers of the answer's class."""
    response.headers.update(EVERYWHERE | _class_of(response))
    if urlsplit(services().settings.consumer_url).scheme == "https":
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


def _class_of(response: Response) -> dict[str, str]:
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
        sites = g.get("sites", ())
        return {
            "Content-Security-Policy": POLICY.format(ancestors=" ".join(sites) or "'none'"),
            "Cross-Origin-Resource-Policy": FRAMED if sites else ALONE,
            "Cache-Control": "no-store",
        }
    if request.endpoint == "assets.send_asset" and response.status_code < 400:  # noqa: PLR2004 - errors are not kept
        return {
            "Content-Security-Policy": STATIC_POLICY,
            "Cross-Origin-Resource-Policy": ALONE,
            "Cache-Control": KEPT,
        }
    return {
        "Content-Security-Policy": CONTENT_POLICY,
        "Cross-Origin-Resource-Policy": ALONE,
        "Cache-Control": "no-store",
    }
