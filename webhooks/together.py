"""Callbacks that come at the same moment share a transaction, and one flush of the disk.

Each request still waits until its own row is committed. Whoever comes while nothing is being
written writes for all who wait, then hands the pen to one who came meanwhile: with one caller at a
time this is one short transaction, with many it is a few instead of many.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from voiceline.arrivals import Arrival, receive_plain

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session, sessionmaker

    from voiceline.carrier_events import RecordingNotice

MOST = 100
"""Arrivals in one transaction."""

log = structlog.get_logger()


@dataclass
class _Waiting:
    """One request's arrival, and what became of it."""

    arrival: Arrival
    called: threading.Event = field(default_factory=threading.Event)
    has_pen: bool = False
    owed: UUID | None = None


class Together:
    """Writes arrivals down in groups; safe between threads."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._mutex = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._is_writing = False

    def receive(self, notice: RecordingNotice, at: datetime) -> UUID | None:
        """Answer the voicemail once it is committed, or None for what must be looked at alone."""
        mine = _Waiting(Arrival(notice, at))
        with self._mutex:
            self._waiting.append(mine)
            mine.has_pen, self._is_writing = not self._is_writing, True
        if not mine.has_pen:
            mine.called.wait()
        if mine.has_pen:
            self._write()
        return mine.owed

    def _write(self) -> None:
        """Write for everybody who waits, the holder of the pen first among them."""
        with self._mutex:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            with self._sessions.begin() as session:
                owed = receive_plain(session, [one.arrival for one in group])
        except SQLAlchemyError as error:
            # Each of them tries alone, and fails or not for its own reason.
            log.warning("arrivals.not_together", count=len(group), error=error)
        else:
            for one in group:
                one.owed = owed.pop(one.arrival.notice.recording_id, None)
        finally:
            self._hand_on(group)

    def _hand_on(self, group: list[_Waiting]) -> None:
        with self._mutex:
            self._is_writing = bool(self._waiting)
            if self._waiting:
                self._waiting[0].has_pen = True
                self._waiting[0].called.set()
        for one in group:
            one.called.set()
