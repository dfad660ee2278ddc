"""The service's processes as children of one: started in order, watched, stopped by their pid."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.request import urlopen

from voiceline.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 10
MOST_RESTARTS = 5


@dataclass
class Child:
    """One process of the service."""

    name: str
    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes]
    restarts: int = 0


@dataclass
class Family:
    """The processes this one started, and nothing else."""

    logs: Path
    environment: dict[str, str]
    children: list[Child] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Servers that are stopped last, after everything that uses them."""

    def start(self, name: str, *arguments: str) -> Child:
        """Start `voiceline ARGUMENTS`; what it prints goes to a file of its own."""
        child = Child(name, arguments, self._spawn(name, arguments))
        self.children.append(child)
        return child

    def mind(self) -> Iterator[str]:
        """Start again whoever died, and say so."""
        for child in self.children:
            if child.process.poll() is None or child.restarts >= MOST_RESTARTS:
                continue
            child.restarts += 1
            yield (
                f"{child.name} ended (exit status {child.process.returncode}); starting it again. "
                f"Its last words are in {self.logs / child.name}.log"
            )
            child.process = self._spawn(child.name, child.arguments)

    def stop(self) -> None:
        """Ask everybody to end, those who serve last; whoever does not is killed."""
        _end([child.process for child in reversed(self.children)])
        _end(self.others)

    def _spawn(self, name: str, arguments: tuple[str, ...]) -> subprocess.Popen[bytes]:
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "voiceline", *arguments],
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )


def await_answer(name: str, url: str, is_alive: Callable[[], bool]) -> None:
    """Wait until the web server answers; UserError when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and is_alive():
        with suppress(OSError, HTTPException), urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
            if answer.status == 200:  # noqa: PLR2004
                return
        time.sleep(0.1)
    raise UserError(f"The {name} did not start; its last words are in its log.")


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
