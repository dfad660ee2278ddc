"""The public's web pages: ask, follow, check; in English and Spanish, without an account.

No page sets a cookie or runs a script, so that the form works inside a business's own site where
browsers keep no cookies of others. Views load, answer, and leave decisions to the verbs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from voiceline.consumer import (
    assets,
    confirm,
    error_pages,
    form,
    front,
    gate,
    headers,
    health,
    metrics,
    receipts,
    status,
    wording,
)
from voiceline.consumer.context import EXTENSION, Context
from voiceline.log import begin_trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.bootstrap import Services

LARGEST_FORM = 64 * 1024
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

FEATURES = (front, form, receipts, confirm, status, metrics, assets, health)


def utc_now() -> datetime:
    """Answer the present moment."""
    return datetime.now(UTC)


def create_app(services: Services, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Build the public pages; tests give them a clock of their own."""
    app = Flask(__name__, static_folder=None)
    app.config.update(_config(services.settings.consumer_url))
    app.extensions[EXTENSION] = Context(services, clock, assets.load_assets())
    if hops := services.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    app.before_request(begin_trace)
    headers.set_up(app)
    gate.set_up(app)
    error_pages.set_up(app)
    wording.set_up(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    return app


def _config(consumer_url: str) -> dict[str, object]:
    host = urlsplit(consumer_url).hostname or ""
    return {
        "TRUSTED_HOSTS": LOOPBACK if host in LOOPBACK else [host],
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "MAX_FORM_PARTS": 100,
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        "TEMPLATES_AUTO_RELOAD": False,
    }
