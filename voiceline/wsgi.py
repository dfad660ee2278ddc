"""The web servers' entry points: settings from the environment, one app a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.queue import Bell, connect
from voiceline import consumer as consumer_door
from voiceline import dashboard as dashboard_door
from voiceline.bootstrap import REPLAY_SECONDS, build
from voiceline.log import set_up_logging
from voiceline.settings import Settings, load_settings
from webhooks import create_app, create_fallback_app

if TYPE_CHECKING:
    from flask import Flask


def telephone() -> Flask:
    """Build the app the carrier calls."""
    settings = _start()
    services = build(settings, fetch_seconds=REPLAY_SECONDS)
    return create_app(services, Bell(connect(settings), "collect").ring)


def fallback() -> Flask:
    """Build the app that answers when everything else is down."""
    return create_fallback_app(_start())


def dashboard() -> Flask:
    """Build the app the business's people use."""
    return dashboard_door.create_app(build(_start()))


def consumer() -> Flask:
    """Build the public pages: the form, the status of a request, receipts."""
    return consumer_door.create_app(build(_start()))


def _start() -> Settings:
    settings = load_settings()
    set_up_logging(settings.log_level)
    return settings
