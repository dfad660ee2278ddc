"""What the carrier gets wrong on purpose, changeable while it runs."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Faults:
    """Knobs; everything off by default. Seconds here are real ones, whatever the calls' speed."""

    callbacks_lost: int = 0
    """So many of the next callbacks are never sent."""
    callbacks_late: float = 0.0
    """Seconds before a callback is sent."""
    callbacks_repeated: int = 0
    """How often each callback is sent again."""
    repeats_at_once: bool = False
    """Send the repetitions at the same moment instead of one after the other."""
    callbacks_shuffled: float = 0.0
    """Each callback waits a random part of so many seconds: order is lost."""
    requests_repeated: int = 0
    """How often each voice request is delivered again; the last answer is the one that counts."""
    actions_lost: int = 0
    """So many of the next Record action requests are never sent; the call goes dead there."""
    media_missing_seconds: float = 0.0
    """A new recording's media answers 404 for so long."""
    media_missing_requests: int = 0
    """A recording's media answers 404 to its first requests."""
    media_truncated: int = 0
    """So many media answers stop half-way, below their Content-Length."""
    media_html: int = 0
    """So many media answers are an HTML page with status 200."""
    throttled: int = 0
    """So many REST requests are answered with 429."""
    retry_after: float = 1.0
    """Seconds named in a 429's Retry-After."""
    broken: int = 0
    """So many REST requests are answered with 500."""
    unauthorized: int = 0
    """So many REST requests are answered with 401."""
    deletes_failing: int = 0
    """So many DELETE requests are answered with 500."""
    outgoing_busy: int = 0
    """So many of the next calls that the REST API places find the line busy."""
    outgoing_unanswered: int = 0
    """So many of the next calls that the REST API places are not answered."""
    seed: int | None = None
    """Makes the shuffling repeatable."""

    @staticmethod
    def from_json(written: dict[str, Any]) -> Faults:
        """Answer the knobs that are named; ValueError on others, or on the wrong kind of value."""
        defaults: dict[str, Any] = {field.name: field.default for field in fields(Faults)} | {
            "seed": 0
        }
        for name, value in written.items():
            if name not in defaults:
                raise ValueError(f"there is no fault {name!r}")
            _check(name, value, defaults[name])
            if value < 0:
                raise ValueError(f"{name} cannot be below zero")
        return replace(Faults(), **written)


def _check(name: str, value: Any, default: object) -> None:
    """Refuse a value that is not of the default's kind; a float takes whole numbers too."""
    right: tuple[type, ...] = (int, float) if isinstance(default, float) else (type(default),)
    if not isinstance(value, right) or isinstance(value, bool) != isinstance(default, bool):
        raise ValueError(f"{name} cannot be {value!r}")


class FaultState:
    """The knobs as they stand, with the counted ones counting down; safe between threads."""

    def __init__(self, faults: Faults) -> None:
        self._lock = threading.Lock()
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Start over with these knobs."""
        with self._lock:
            self.now = faults
            self._left = Counter(
                {f.name: v for f in fields(faults) if isinstance(v := getattr(faults, f.name), int)}
            )
            self._media_asked: Counter[str] = Counter()
            self._chance = random.Random(faults.seed)

    def strikes(self, name: str) -> bool:
        """Answer whether the counted fault happens now, and use up one."""
        with self._lock:
            if self._left[name] <= 0:
                return False
            self._left[name] -= 1
            return True

    def media_missing(self, recording_id: str, completed: float) -> bool:
        """Answer whether the media is not there yet; `completed` is a monotonic moment."""
        with self._lock:
            self._media_asked[recording_id] += 1
            early = self._media_asked[recording_id] <= self.now.media_missing_requests
            return early or time.monotonic() - completed < self.now.media_missing_seconds

    def delay(self) -> float:
        """Answer the real seconds that the next callback waits."""
        with self._lock:
            return self.now.callbacks_late + self._chance.random() * self.now.callbacks_shuffled
