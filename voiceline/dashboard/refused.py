"""Noting in the trail that somebody asked for a page of another business.

The answer is the same 404 whether this can be written down or not, and takes as long for what
exists as for what does not.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from flask import g, request
from sqlalchemy.exc import SQLAlchemyError

from voiceline import refusals
from voiceline.dashboard.context import business, now, secret, transaction_across, user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

_log = structlog.get_logger()


def note_foreign_business(business_id: UUID) -> None:
    """Note that whoever is signed in asked for a business they have no part in."""
    with _excused() as session:
        refusals.note_business(session, business_id, user(), secret=secret(), at=now())


def note_foreign_console() -> None:
    """Note that whoever is signed in asked for a page of the operator's."""
    with _excused() as session:
        refusals.note_console(session, user(), secret=secret(), at=now())


def note_foreign_request() -> None:
    """Note it where the page that was not found is of a request that is not the business's."""
    request_id = (request.view_args or {}).get("request_id")
    if request_id is None or g.get("membership") is None:
        return
    with _excused() as session:
        refusals.note_request(session, business().id, request_id, user(), secret=secret(), at=now())


@contextmanager
def _excused() -> Iterator[Session]:
    try:
        with transaction_across() as session:
            yield session
    except SQLAlchemyError as error:
        _log.error("refusal.not_noted", error=error)
