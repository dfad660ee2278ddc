"""Pages for when something went wrong: what, and what next; no technical word, no data of anybody.

A code that was never given, one that was withdrawn and one that does not answer look alike.
"""

from __future__ import annotations

from traceback import extract_tb
from typing import TYPE_CHECKING

import structlog
from flask import g, render_template, request
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, InternalServerError

from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

WORDS = {404: "missing", 405: "method", 413: "large", 500: "broken", 503: "away"}
"""For each code, the name of its sentences; other refusals are all the same to a reader."""

FIRST_ERROR, FIRST_FAILURE = 400, 500

_log = structlog.get_logger()


def set_up(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(InternalServerError, show_failure)
    for error in (TemporaryFailure, PermanentFailure, exc.OperationalError, exc.TimeoutError):
        app.register_error_handler(error, show_neighbour_failure)
    # Flask would log the whole traceback, whose last line may quote what was sent.
    app.logger.disabled = True


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Say what Flask refused, in our words; redirects pass."""
    code = error.code or FIRST_FAILURE
    if code < FIRST_ERROR:
        return error
    headers = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    return *_page(code), headers


def show_failure(error: InternalServerError) -> ResponseReturnValue:
    """Say that it was us, and log which view broke, where, and with what kind of error."""
    original = error.original_exception or error
    frames = extract_tb(original.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
    _log.error("consumer_failed", error=original, step=where, path=str(request.url_rule))
    return _page(FIRST_FAILURE)


def show_neighbour_failure(error: Exception) -> ResponseReturnValue:
    """Say that the database failed us."""
    _log.error("consumer_neighbour_failed", error=error, path=str(request.url_rule))
    return *_page(503), {"Retry-After": "30"}


def _page(code: int) -> tuple[str, int]:
    g.language_path = "/"  # whatever was asked for, its address is not repeated
    name = WORDS.get(code, "refused" if code < FIRST_FAILURE else "broken")
    return render_template("error.html", code=code, name=name), code
