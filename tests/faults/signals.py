"""Signals to single processes, of which some may be gone already."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.crew import Member


def send(pid: int, number: signal.Signals) -> None:
    """Send the signal, if the process is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


@contextmanager
def stopped(member: Member) -> Iterator[None]:
    """Keep the process from doing anything, with its children."""
    family = [member.pid, *member.children]
    for pid in family:
        send(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in family:
            send(pid, signal.SIGCONT)
