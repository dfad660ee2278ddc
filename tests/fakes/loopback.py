"""A WSGI application on a free loopback port for as long as a `with` block lasts."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition, Thread
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 20
"""Seconds that a request in hand may take to end after its test."""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's
        """Say nothing: a test's output is its own."""


class InHand:
    """An application whose answers can be waited for.

    A browser that is closed leaves what it asked for in hand. Such a thread would open the database
    of the test that ended in the moment before the next test's is laid in its place.
    """

    def __init__(self, application: WSGIApplication | None) -> None:
        self.application = application
        self._in_hand = 0
        self._done = Condition()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with self._done:
            self._in_hand += 1
        try:
            answer = self.application(environ, start)
        except BaseException:
            self._end()
            raise
        return ClosingIterator(answer, self._end)

    def wait(self) -> None:
        """Return when nothing is being answered any more."""
        with self._done:
            assert self._done.wait_for(lambda: not self._in_hand, PATIENCE), "a request never ended"

    def _end(self) -> None:
        with self._done:
            self._in_hand -= 1
            self._done.notify_all()


@contextmanager
def served(application: WSGIApplication | InHand, host: str = "127.0.0.1") -> Iterator[str]:
    """Yield the address of the application, e.g. http://127.0.0.1:40123."""
    in_hand = application if isinstance(application, InHand) else InHand(application)
    server = make_server("127.0.0.1", 0, in_hand, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        in_hand.wait()
