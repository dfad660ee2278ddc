"""What the telephone's views share: one line a process, held by the Flask app."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from voiceline.models import BlockedCaller, ServiceCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from uuid import UUID

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.ports import RecordingSource
    from voiceline.settings import Settings
    from webhooks.state import StateSeal
    from webhooks.together import Together

log = structlog.get_logger()

FRESH_SECONDS = 5
"""How long the directory is believed before it is read again."""


@dataclass(frozen=True)
class Line:
    """Settings and neighbours of the telephone; the fallback has no neighbours at all."""

    settings: Settings
    seal: StateSeal
    sessions: sessionmaker[Session] | None
    recordings: RecordingSource | None
    wake: Callable[[UUID], None]
    """Tells the queue, without waiting for it, that a voicemail is owed its collection."""
    directory: Directory
    together: Together | None
    """Where callbacks that come at the same moment are written down."""

    def transaction(self) -> AbstractContextManager[Session]:
        """Begin a transaction that commits at its end; the fallback, without one, never asks."""
        if self.sessions is None:
            raise RuntimeError("the fallback has no database")
        return self.sessions.begin()


@dataclass
class Directory:
    """Dedicated numbers and blocked callers, a few seconds old, so that answering reads nothing.

    A directory that cannot be read is served as it last was: a call is answered all the same.
    """

    sessions: sessionmaker[Session] | None
    dedicated: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    is_known: bool = False
    """Whether it was ever read: before that, no number can be called nobody's."""
    _read_at: float = field(default=float("-inf"))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_dedicated(self, number: str) -> bool:
        """Tell whether the number belongs to one business."""
        self._refresh()
        return number in self.dedicated

    def is_blocked(self, number: str) -> bool:
        """Tell whether calls from the number are turned away."""
        self._refresh()
        return number in self.blocked

    def _refresh(self) -> None:
        if self.sessions is None or self._is_fresh():
            return
        if not self._lock.acquire(blocking=not self.is_known):
            return
        try:
            if not self._is_fresh():
                self._read(self.sessions)
        except SQLAlchemyError as error:
            log.warning("directory.not_read", error=error)
        finally:
            self._read_at = time.monotonic()
            self._lock.release()

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._read_at < FRESH_SECONDS

    def _read(self, sessions: sessionmaker[Session]) -> None:
        with sessions.begin() as session:
            dedicated = session.scalars(
                select(ServiceCode.dedicated_number).where(
                    ServiceCode.dedicated_number.is_not(None)
                )
            )
            self.dedicated = frozenset(number for number in dedicated if number)
            self.blocked = frozenset(session.scalars(select(BlockedCaller.number)))
            self.is_known = True


def line() -> Line:
    """Answer the line this request is on."""
    found: Line = current_app.extensions["line"]
    return found
