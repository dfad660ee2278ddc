"""The web servers' entry points: settings from the environment, one app a process.

Each imports its own door when it is asked for: a telephone that starts again has callers waiting.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from sqlalchemy.orm import configure_mappers

from voiceline.bootstrap import REPLAY_SECONDS, build
from voiceline.log import set_up_logging
from voiceline.settings import Settings, load_settings

if TYPE_CHECKING:
    from flask import Flask


def telephone() -> Flask:
    """Build the app the carrier calls."""
    from jobs.queue import Bell, connect  # noqa: PLC0415 - its own door
    from webhooks import create_app  # noqa: PLC0415

    settings = _start()
    services = build(settings, fetch_seconds=REPLAY_SECONDS)
    return settled(create_app(services, Bell(connect(settings), "collect").ring))


def fallback() -> Flask:
    """Build the app that answers when everything else is down."""
    from webhooks import create_fallback_app  # noqa: PLC0415

    return settled(create_fallback_app(_start()))


def dashboard() -> Flask:
    """Build the app the business's people use."""
    from voiceline.dashboard import create_app  # noqa: PLC0415

    return settled(create_app(build(_start(), reach="none")))


def consumer() -> Flask:
    """Build the public pages: the form, the status of a request, receipts."""
    from voiceline.consumer import create_app  # noqa: PLC0415

    return settled(create_app(build(_start())))


def _start() -> Settings:
    settings = load_settings()
    set_up_logging(settings.log_level, settings.log_dir)
    return settings


def settled(app: Flask) -> Flask:
    """Leave what was built until now out of every later look for garbage.

    The libraries and the tables' mapping are two hundred thousand objects that stay: to walk
    them took a fifth of a second, every thirtieth page or so, and whoever asked for it waited.
    """
    configure_mappers()
    gc.collect()
    gc.freeze()
    return app
