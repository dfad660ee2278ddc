"""A call's own clock: real time, N times faster, or no waiting at all."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Seconds of one call; waiting is divided by `speed`, and skipped when speed is 0 or inf.

    Time spent elsewhere (a web request) counts as long as it really took, so `elapsed` is what a
    caller with a watch would have measured; without waiting only the call's own seconds count,
    and a script takes equally long each time.
    """

    def __init__(self, speed: float = 1.0, *, virtual_timestamps: bool = False) -> None:
        if speed < 0 or math.isnan(speed):
            raise ValueError("speed is a positive factor; 0 or inf means no waiting")
        self._speed = math.inf if speed == 0 else speed
        self._virtual_timestamps = virtual_timestamps
        self._started = time.monotonic()
        self._started_at = datetime.now(UTC)
        self._waited = 0.0
        self._slept = 0.0

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of the call go by."""
        if seconds <= 0:
            return
        before = time.monotonic()
        if not math.isinf(self._speed):
            time.sleep(seconds / self._speed)
        self._waited += seconds
        self._slept += time.monotonic() - before

    def elapsed(self) -> float:
        """Seconds since the call began."""
        if math.isinf(self._speed):
            return self._waited
        return time.monotonic() - self._started - self._slept + self._waited

    def now(self) -> datetime:
        """The moment to write on events and recordings."""
        if self._virtual_timestamps:
            return self._started_at + timedelta(seconds=self.elapsed())
        return datetime.now(UTC)
