"""Logs: JSON lines made by an allow-list, so that what nobody thought of is dropped.

A log holds constant event names and ids: never audio, transcripts, notes, phone numbers, names,
digits a caller keyed or addresses with a query. Where telling callers apart helps, a keyed hash
stands for the number.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from voiceline.log_files import DayFile

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

ALLOWED = frozenset(
    {
        "attachment",
        "attempt",
        "business",
        "call",
        "copy",
        "count",
        "delivery",
        "destination",
        "duration_ms",
        "erasure",
        "error",
        "event",
        "file",
        "job",
        "kind",
        "level",
        "lost",
        "method",
        "object",
        "outcome",
        "path",
        "queue",
        "recording",
        "request",
        "row",
        "seconds",
        "standing",
        "status",
        "step",
        "table",
        "timestamp",
        "trace",
        "transcript",
        "user",
        "voicemail",
    }
)
"""Every key a log line may have; others are dropped, not redacted."""

QUIET = (
    *("rq.worker", "rq", "twilio.http_client", "boto3", "botocore", "urllib3", "werkzeug"),
    "zipstream",
)
"""Libraries whose INFO lines print arguments, numbers or addresses."""


def set_up_logging(level: str, folder: Path | None = None) -> None:
    """Send every log line of this process through the allow-list, to standard error or a folder."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_error,
            _keep_allowed,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        # a line is one write, so that lines of several processes do not mix
        logger_factory=structlog.WriteLoggerFactory(file=_sink(folder)),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def begin_trace() -> None:
    """Give each line of the request that begins now one id: random, and kept nowhere else.

    What ties a line of a job to it is the id of the row, which both have: one job works off what
    many requests have left.
    """
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(trace=secrets.token_hex(8))


def _sink(folder: Path | None) -> TextIO:
    return cast("TextIO", DayFile(folder)) if folder else sys.stderr


def caller_hash(secret: str, number: str) -> str:
    """Answer what stands for a phone number in logs and limits: 12 hex digits, keyed."""
    return hmac.new(secret.encode(), number.encode(), hashlib.sha256).hexdigest()[:12]


def _name_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """Keep an exception's kind and not its text, which may quote what a caller sent."""
    error = event.get("error")
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
    return event


def _keep_allowed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    return {key: value for key, value in event.items() if key in ALLOWED}
