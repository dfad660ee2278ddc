"""The carrier as a web server: REST API and control API and softphone in one app."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from . import rest_calls  # noqa: F401 - its routes are of the same blueprint
from .control import control
from .rest import rest
from .sessions import Sessions
from .softphone import softphone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.serving import BaseWSGIServer

    from .carrier import Carrier

POLL = 0.05
"""Seconds between two looks at whether to stop."""
LARGEST_REQUEST = 64 * 1024 * 1024


def create_app(carrier: Carrier) -> Flask:
    """Answer the carrier's web application."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.extensions["carrier"] = carrier
    app.register_blueprint(rest)
    app.extensions["sessions"] = Sessions(carrier)
    app.register_blueprint(control)
    app.register_blueprint(softphone)
    return app


def serve(carrier: Carrier, host: str, port: int) -> None:
    """Serve until the process ends; a threaded development server, not for the internet."""
    _make_server(carrier, host, port).serve_forever()


@contextmanager
def running(carrier: Carrier, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in the background and give the base URL; port 0 takes a free one."""
    server = _make_server(carrier, host, port)
    thread = threading.Thread(
        target=server.serve_forever, args=(POLL,), name="carrier-server", daemon=True
    )
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no access log: the page asks for news all the time, and queries name callers."""


def _make_server(carrier: Carrier, host: str, port: int) -> BaseWSGIServer:
    app = create_app(carrier)
    return make_server(host, port, app, threaded=True, request_handler=_QuietHandler)
