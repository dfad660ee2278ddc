"""The telephone: what the carrier calls. Two apps: the whole line, and the fallback alone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, request

from voiceline.database import hurry
from voiceline.log import begin_trace
from webhooks import callbacks, fallback, headers, media, message, status, voice
from webhooks.incoming import MOST_BYTES, admit
from webhooks.line import Directory, Line
from webhooks.state import StateSeal
from webhooks.together import Together
from webhooks.troubles import set_up_troubles

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.bootstrap import Services
    from voiceline.ports import RecordingSource
    from voiceline.settings import Settings

SIGNED = (voice.bp, message.bp, status.bp, callbacks.bp, fallback.bp)
"""Every view of these answers only what the carrier signed."""

PUBLIC = (media.bp,)
"""Views whose addresses cannot be guessed; `healthz` is public, too."""

PUBLIC_NAMES = frozenset(blueprint.name for blueprint in PUBLIC)


def create_app(services: Services, wake: Callable[[UUID], None]) -> Flask:
    """Build the telephone's app; `wake` tells the queue of an owed voicemail without waiting."""
    hurry(services.engine)
    app = _bare_app(
        services.settings, sessions=services.sessions, recordings=services.recordings, wake=wake
    )
    for blueprint in (*SIGNED, *PUBLIC):
        app.register_blueprint(blueprint)
    return app


def create_fallback_app(settings: Settings) -> Flask:
    """Build the app that needs neither database nor queue."""
    app = _bare_app(settings, sessions=None, recordings=None, wake=lambda _id: None)
    app.register_blueprint(fallback.bp)
    return app


def _bare_app(
    settings: Settings,
    *,
    sessions: sessionmaker[Session] | None,
    recordings: RecordingSource | None,
    wake: Callable[[UUID], None],
) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    app.url_map.merge_slashes = False
    hosts = {urlsplit(base).hostname for base in (settings.telephone_url, settings.fallback)}
    app.config.update(
        MAX_CONTENT_LENGTH=MOST_BYTES, TRUSTED_HOSTS=sorted(host for host in hosts if host)
    )
    seal = StateSeal(settings.secret_key.get_secret_value())
    together = Together(sessions) if sessions else None
    app.extensions["line"] = Line(
        settings, seal, sessions, recordings, wake, Directory(sessions), together
    )
    app.before_request(begin_trace)
    app.before_request(_admit_unless_public)
    app.add_url_rule(
        "/healthz", endpoint="healthz", view_func=_healthz, provide_automatic_options=False
    )
    set_up_troubles(app)
    headers.set_up(app)
    return app


def _admit_unless_public() -> None:
    """Deny by default: what is not on the public list, found or not, must be signed."""
    if request.blueprint not in PUBLIC_NAMES and request.endpoint != "healthz":
        admit()


def _healthz() -> Response:
    return Response('{"status": "ok"}', mimetype="application/json")
