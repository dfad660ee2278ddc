"""What a browser may do with an answer: one exact set of headers for each class of answers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import g, request

from voiceline.dashboard.context import services

if TYPE_CHECKING:
    from flask import Flask, Response

POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; "
    "form-action 'self'{forms}; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
RECORDING = {"Permissions-Policy": "camera=(), geolocation=(), microphone=(self)"}
"""The one page that asks for the microphone."""

PAGE = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
CONTENT = {
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Audio, and whatever else is no page: opened by itself it can do nothing."""
CALENDAR = CONTENT | {"Cache-Control": "private, no-cache"}
"""Kept by whoever reads it, and asked for again each time: most often nothing has changed."""
STATIC = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=31536000, immutable",
}
"""Public files whose address changes with their content."""

RECORDERS = frozenset(
    f"greetings.{view}" for view in ("show_greeting", "type_text", "upload", "use_standard")
)
"""Views that may show the recorder."""

STRICT_TRANSPORT = "max-age=63072000; includeSubDomains"


def set_up(app: Flask) -> None:
    """Give every answer its headers."""
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """Answer this page's nonce: what carries it may run, and nothing else that is inline."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def add_headers(response: Response) -> Response:
    """Add the headers of the answer's class."""
    for name, value in (EVERYWHERE | _class_of(response)).items():
        response.headers[name] = _filled(value) if value is POLICY else value
    if urlsplit(services().settings.dashboard_url).scheme == "https":
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
    return response


def _filled(policy: str) -> str:
    """Name this page's nonce, and the origins that its forms lead to by a redirect."""
    forms = "".join(f" {origin}" for origin in g.get("form_targets", ()))
    return policy.format(nonce=csp_nonce(), forms=forms)


def _class_of(response: Response) -> dict[str, str]:
    if response.mimetype == "text/html":
        shown = request.endpoint in RECORDERS and response.status_code != 404  # noqa: PLR2004
        return PAGE | RECORDING if shown else PAGE
    if request.endpoint == "assets.send_asset" and response.status_code < 400:  # noqa: PLR2004 - errors are not kept
        return STATIC
    if request.endpoint == "calendar.send_calendar":
        return CALENDAR
    return CONTENT
