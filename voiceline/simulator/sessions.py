"""The calls of the softphone: each runs in a thread and is watched by one page."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from .person import Person
from .speech import Speech

if TYPE_CHECKING:
    from .carrier import Carrier
    from .clock import Clock
    from .events import CallEvent

MOST_SESSIONS = 50
log = logging.getLogger(__name__)


class Session:
    """One call from the page: the person, and the events so far."""

    def __init__(self, person: Person) -> None:
        self.id = uuid.uuid4().hex
        self.person = person
        self._changed = threading.Condition()
        self._events: list[dict[str, Any]] = []

    def add(self, event: CallEvent) -> None:
        """Keep the event; what can be heard gets the number of its clip."""
        written = event.as_json()
        if event.kind in {"say", "play"} and "tones" not in event.detail:
            number = len(self.person.clips) - 1
            has_sound = self.person.clips[number] is not None
            written["clip"] = number if has_sound else None
        with self._changed:
            self._events.append(written)
            self._changed.notify_all()

    def events_after(self, number: int, seconds: float) -> list[dict[str, Any]]:
        """Answer the events from that number on, waiting for one at most so long."""
        self.person.sign_of_life()
        until = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._events) > number, max(0.0, until - time.monotonic())
            )
            return self._events[number:]


class Sessions:
    """The softphone's calls, the last few of them; safe between threads."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._speech = Speech(carrier.config.data_dir / "speech")
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def start(self, caller: str, to: str) -> Session:
        """Begin a call in real time."""
        session = Session(Person(self._speech))
        with self._lock:
            self._sessions[session.id] = session
            while len(self._sessions) > MOST_SESSIONS:
                _, oldest = self._sessions.popitem(last=False)
                oldest.person.hang_up()
        threading.Thread(
            target=self._run, args=(session, caller, to), name="softphone-call", daemon=True
        ).start()
        return session

    def find(self, session_id: str) -> Session | None:
        """Answer the session, while it is remembered."""
        with self._lock:
            return self._sessions.get(session_id)

    def _run(self, session: Session, caller: str, to: str) -> None:
        def person(_: Clock) -> Person:
            return session.person

        try:
            self._carrier.connect(person, caller, to, session.add, speed=1.0)
        except Exception:  # the page has been told; the developer wants the traceback
            log.exception("the call broke")
