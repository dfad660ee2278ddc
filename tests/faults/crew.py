"""The processes of one service: started for real, started again when they die, ended by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

RESTART_SECONDS = 0.3
STOP_SECONDS = 15


@dataclass
class Member:
    """One process, and how often it had to be started again."""

    name: str
    command: tuple[str, ...]
    process: subprocess.Popen[bytes]
    retired: bool = False
    deaths: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def children(self) -> list[int]:
        """The pids of its children: a worker's work-horse, a web server's workers."""
        found: list[int] = []
        with suppress(OSError):
            for file in Path(f"/proc/{self.pid}/task").glob("*/children"):
                found += [int(pid) for pid in file.read_text(encoding="ascii").split()]
        return found

    def send(self, number: signal.Signals) -> None:
        """Send the signal to the process alone, not to its children."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


@dataclass
class Crew:
    """Whoever dies is started again after a moment, as systemd would."""

    logs: Path
    environment: Mapping[str, str]
    members: list[Member] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _minder: threading.Thread | None = None

    def start(self, name: str, *arguments: str) -> Member:
        """Start `voiceline ARGUMENTS`."""
        return self.start_program(name, "-m", "voiceline", *arguments)

    def start_program(self, name: str, *command: str) -> Member:
        """Start Python with these arguments; what it prints goes to a file of its own."""
        member = Member(name, command, self._spawn(name, command))
        with self._lock:
            self.members.append(member)
        if self._minder is None:
            self._minder = threading.Thread(target=self._mind, name="minder", daemon=True)
            self._minder.start()
        return member

    def named(self, name: str) -> Member:
        """Answer the member of the name."""
        return next(member for member in self.members if member.name == name)

    def retire(self, member: Member, number: signal.Signals = signal.SIGTERM) -> int:
        """End one for good; answer its exit status."""
        member.retired = True
        member.send(number)
        return member.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End everybody, and whoever was left stopped or does not want to."""
        self._over.set()
        if self._minder is not None:
            self._minder.join()
        for member in self.members:
            for pid in member.children:
                _send(pid, signal.SIGCONT)
            member.send(signal.SIGCONT)
            member.send(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for member in self.members:
            children = member.children
            try:
                member.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                for pid in (*children, member.pid):
                    _send(pid, signal.SIGKILL)
                member.process.wait()

    def _mind(self) -> None:
        while not self._over.wait(RESTART_SECONDS):
            with self._lock:
                dead = [m for m in self.members if not m.retired and m.process.poll() is not None]
            for member in dead:
                member.deaths += 1
                member.process = self._spawn(member.name, member.command)

    def _spawn(self, name: str, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        with (self.logs / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                env=inherited | dict(self.environment),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
