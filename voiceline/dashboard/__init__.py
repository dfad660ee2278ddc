"""The web pages of a business's staff: their inbox, their requests, the messages to listen to.

Every page works without JavaScript and is better with it. Views load, answer, and leave decisions
to the verbs; what a browser may do is said by gate.py (who) and headers.py (what with).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from voiceline.dashboard import (
    account,
    archive,
    assets,
    audio,
    bulk,
    business_settings,
    business_sign_in,
    businesses,
    calendar,
    codes,
    confirming,
    console,
    desk,
    downloads,
    entering,
    error_pages,
    evidence,
    figures,
    first_steps,
    forgotten,
    gate,
    granted,
    grants,
    greeting_audio,
    greetings,
    headers,
    health,
    holds,
    identity_pages,
    inbox,
    joining,
    letters,
    line,
    linking,
    links,
    mailed,
    members,
    notes,
    notices,
    overview,
    passkey_pages,
    passkey_sign_in,
    reading,
    records,
    requests,
    second_step,
    sign_in,
    sign_in_with,
    signing_up,
    trail,
    two_step,
    views,
    wording,
)
from voiceline.dashboard.addresses import LowerCaseUuid
from voiceline.dashboard.context import EXTENSION, Context
from voiceline.log import begin_trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.bootstrap import Services

FORM_AGE = timedelta(hours=12)
"""As long as the longest session: a form left open over lunch still works."""
LARGEST_FORM = 64 * 1024
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

FEATURES = (
    sign_in,
    signing_up,
    joining,
    forgotten,
    links,
    account,
    second_step,
    passkey_sign_in,
    sign_in_with,
    linking,
    two_step,
    passkey_pages,
    identity_pages,
    business_sign_in,
    confirming,
    businesses,
    members,
    codes,
    line,
    business_settings,
    inbox,
    reading,
    views,
    bulk,
    entering,
    records,
    figures,
    overview,
    trail,
    requests,
    desk,
    notes,
    notices,
    greetings,
    grants,
    first_steps,
    calendar,
    evidence,
    letters,
    downloads,
    audio,
    assets,
    health,
    holds,
    archive,
    *console.FEATURES,
)


def utc_now() -> datetime:
    """Answer the present moment."""
    return datetime.now(UTC)


def create_app(services: Services, *, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Build the dashboard; tests give it a clock of their own."""
    app = Flask(__name__, static_folder=None)
    app.config.update(_config(services.settings.dashboard_url))
    app.secret_key = services.settings.secret_key.get_secret_value()
    app.extensions[EXTENSION] = Context(services, clock, assets.load_assets())
    if hops := services.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    app.url_map.converters["uuid"] = LowerCaseUuid
    app.before_request(begin_trace)
    headers.set_up(app)
    gate.set_up(app)  # before CSRF: whoever is not signed in is told so first
    granted.set_up(app)
    notes.set_up(app)  # before CSRF, which reads the form
    greetings.set_up(app)
    greeting_audio.set_up(app)
    bulk.set_up(app)  # likewise
    downloads.set_up(app)
    CSRFProtect(app)
    error_pages.set_up(app)
    wording.set_up(app)
    trail.set_up(app)
    console.set_up(app)
    mailed.set_up(app)
    for feature in FEATURES:
        app.register_blueprint(feature.blueprint)
    return app


def _config(dashboard_url: str) -> dict[str, object]:
    address = urlsplit(dashboard_url)
    host = address.hostname or ""
    secure = address.scheme == "https"
    return {
        "TRUSTED_HOSTS": LOOPBACK if host in LOOPBACK else [host],
        "LOGIN_COOKIE": "__Host-voiceline" if secure else "voiceline",
        "SESSION_COOKIE_NAME": "__Host-voiceline-form" if secure else "voiceline-form",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": FORM_AGE.total_seconds(),
        # Our pages send no Referer; gate.py looks at Sec-Fetch-Site instead.
        "WTF_CSRF_SSL_STRICT": False,
        "MAX_CONTENT_LENGTH": LARGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LARGEST_FORM,
        "MAX_FORM_PARTS": 50,
        "PROVIDE_AUTOMATIC_OPTIONS": False,
        "TEMPLATES_AUTO_RELOAD": False,
    }
