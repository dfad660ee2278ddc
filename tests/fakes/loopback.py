"""A WSGI application on a free loopback port for as long as a `with` block lasts."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition, Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 20
"""Seconds that a request in hand may take to end after its test."""


class Late:
    """An application that is put in the place of none once its address is known."""

    application: WSGIApplication | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if self.application is None:
            start("503 Service Unavailable", [])
            return []
        return self.application(environ, start)


class _InHand:
    """How many requests are being answered.

    A browser that is closed leaves what it asked for in hand. Such a thread would open the database
    of the test that ended in the moment before the next test's is laid in its place.
    """

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def __enter__(self) -> None:
        self._add(1)

    def __exit__(self, *_: object) -> None:
        self._add(-1)

    def wait(self) -> None:
        """Return when nothing is being answered any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._count, PATIENCE), (
                "a request never ended"
            )

    def _add(self, one: int) -> None:
        with self._changed:
            self._count += one
            self._changed.notify_all()


def _handler_of(in_hand: _InHand) -> type[WSGIRequestHandler]:
    class Handler(WSGIRequestHandler):
        def run_wsgi(self) -> None:
            with in_hand:
                super().run_wsgi()

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's
            """Say nothing: a test's output is its own."""

    return Handler


@contextmanager
def served(application: WSGIApplication, host: str = "127.0.0.1") -> Iterator[str]:
    """Yield the address of the application, e.g. http://127.0.0.1:40123."""
    in_hand = _InHand()
    handler = _handler_of(in_hand)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        in_hand.wait()
