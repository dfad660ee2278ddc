"""Pages for when something went wrong: what, why, and what next; never a word of anybody's data."""

from __future__ import annotations

from dataclasses import dataclass
from traceback import extract_tb
from typing import TYPE_CHECKING

import structlog
from flask import render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, InternalServerError

from voiceline.dashboard.gate import NeedsRole, ReadOnly
from voiceline.dashboard.granted import NotGranted
from voiceline.dashboard.refused import note_foreign_request
from voiceline.errors import NotFoundError, PermanentFailure, TemporaryFailure
from voiceline.models import Role

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

_log = structlog.get_logger()


@dataclass(frozen=True)
class Words:
    """What a page says."""

    what: str
    why: str
    next: str


NOT_FOUND = Words(
    "This page does not exist",
    "The address is mistyped, or it belongs to something you have no part in.",
    "Go back to your requests, or ask whoever sent you the link.",
)
WORDS = {
    400: Words(
        "We did not accept that",
        "The request was incomplete or came from another site.",
        "Go back, load the page anew and try again.",
    ),
    403: Words(
        "This is not shown here",
        "A message can be played and downloaded, but not put into another page.",
        "Open the request and listen to it there.",
    ),
    404: NOT_FOUND,
    405: Words(
        "That cannot be done here",
        "The address exists, but not for what your browser asked.",
        "Go back to your requests and start from there.",
    ),
    413: Words(
        "That is too much",
        "A form may hold 64 kilobytes.",
        "Go back, shorten what you wrote and send it again.",
    ),
    429: Words(
        "Too many tries",
        "From this network, or for this account, there were 10 tries to sign in within 5 minutes.",
        "Wait 5 minutes, then try again. If you forgot the password, choose a new one.",
    ),
    500: Words(
        "Something broke on our side",
        "It was not your doing, and nothing that was saved before is lost.",
        "Try again in a minute. If it happens again, tell your operator at what time it did.",
    ),
    503: Words(
        "We cannot reach what this page needs",
        "The database or the audio store is not answering.",
        "Nothing is lost. Try again in a minute.",
    ),
}
EXPIRED_FORM = Words(
    "This form is out of date",
    "It was open for too long, or you signed in or out in another tab since.",
    "Go back, load the page anew and send the form again.",
)

READ_ONLY = Words(
    "You can look at this, but not change it",
    "You are a viewer of this business: agents, admins and owners work on its requests.",
    "Go back to the request, or ask an owner to let you work on requests.",
)

NOT_GRANTED = Words(
    "Your grant does not open this",
    "Under a grant you read requests, messages and settings of a business. You change nothing, "
    "take no lists away, and see no notes.",
    "Go back, or ask a colleague of the business to do it.",
)

NEEDS_ROLE = {
    Role.AGENT: Words(
        "This is for who works on requests",
        "This business keeps its notes from viewers.",
        "Ask an admin or an owner, who can change that.",
    ),
    Role.ADMIN: Words(
        "This is for admins and owners",
        "It changes something for everybody who works for this business.",
        "Ask an admin or an owner of the business to do it, or to give you that role.",
    ),
    Role.OWNER: Words(
        "This is for owners",
        "It concerns the whole account of this business.",
        "Ask an owner of the business to do it.",
    ),
}


def set_up(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(ReadOnly, show_read_only)
    app.register_error_handler(NotGranted, show_not_granted)
    app.register_error_handler(NeedsRole, show_needed_role)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(NotFoundError, show_missing)
    app.register_error_handler(InternalServerError, show_failure)
    for error in (TemporaryFailure, PermanentFailure, exc.OperationalError, exc.TimeoutError):
        app.register_error_handler(error, show_neighbour_failure)
    # Flask would log the whole traceback, whose last line may quote what was sent.
    app.logger.disabled = True


def show_expired_form(_error: CSRFError) -> ResponseReturnValue:
    """Say that a form's token is missing, foreign or too old."""
    return _page(400, EXPIRED_FORM)


def show_read_only(_error: ReadOnly) -> ResponseReturnValue:
    """Say that a viewer reads."""
    return _page(403, READ_ONLY)


def show_not_granted(_error: NotGranted) -> ResponseReturnValue:
    """Say what a grant opens."""
    return _page(403, NOT_GRANTED)


def show_needed_role(error: NeedsRole) -> ResponseReturnValue:
    """Say who may do it."""
    return _page(403, NEEDS_ROLE[error.role])


def show_missing(_error: NotFoundError) -> ResponseReturnValue:
    """Say the same of what is missing and of what is somebody else's."""
    note_foreign_request()
    return _page(404, NOT_FOUND)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Say what Flask refused, in our words; redirects pass."""
    code = error.code or 500
    if code < 400:  # noqa: PLR2004
        return error
    headers = [
        (name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"}
    ]
    return *_page(code, WORDS.get(code, WORDS[400] if code < 500 else WORDS[500])), headers  # noqa: PLR2004


def show_failure(error: InternalServerError) -> ResponseReturnValue:
    """Say that it was us, and log which view broke, where, and with what kind of error."""
    original = error.original_exception or error
    frames = extract_tb(original.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None
    _log.error("dashboard_failed", error=original, step=where, path=str(request.url_rule))
    return _page(500, WORDS[500])


def show_neighbour_failure(error: Exception) -> ResponseReturnValue:
    """Say that the database or the store failed us."""
    _log.error("dashboard_neighbour_failed", error=error, path=str(request.url_rule))
    return *_page(503, WORDS[503]), {"Retry-After": "30"}


def _page(code: int, words: Words) -> tuple[str, int]:
    return render_template("error.html", code=code, words=words), code
