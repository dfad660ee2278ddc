"""Callbacks that nobody waits for: sent from the background, when their moment comes."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WORKERS = 32


class CallbackQueue:
    """Runs jobs at their moment on a few threads that it starts as needed.

    A job must not raise. `close` forgets what is not due yet.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._idle = 0
        self._open = 0
        self._workers: list[threading.Thread] = []
        self._closed = False

    def put(self, job: Callable[[], None], *, delay: float = 0.0) -> None:
        """Run the job after `delay` real seconds."""
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._jobs, (time.monotonic() + delay, next(self._order), job))
            self._open += 1
            if self._idle < len(self._jobs) and len(self._workers) < MOST_WORKERS:
                name = f"carrier-callback-{len(self._workers)}"
                worker = threading.Thread(target=self._work, name=name, daemon=True)
                self._workers.append(worker)
                worker.start()
            self._changed.notify_all()

    def drain(self, timeout: float) -> None:
        """Wait until every job has run; TimeoutError when that takes longer."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open == 0, timeout):
                raise TimeoutError(f"{self._open} callbacks are still waiting")

    def close(self) -> None:
        """Stop; jobs that are running are waited for."""
        with self._changed:
            self._closed = True
            self._open -= len(self._jobs)
            self._jobs.clear()
            self._changed.notify_all()
        for worker in self._workers:
            worker.join(timeout=20)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            finally:
                with self._changed:
                    self._open -= 1
                    self._changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            try:
                while not self._closed:
                    wait = self._jobs[0][0] - time.monotonic() if self._jobs else None
                    if wait is not None and wait <= 0:
                        return heapq.heappop(self._jobs)[2]
                    self._changed.wait(wait)
                return None
            finally:
                self._idle -= 1
