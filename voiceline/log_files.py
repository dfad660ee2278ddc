"""Log files: one a day (UTC), shared by all processes of a machine, and gone after 90 days.

The policy keeps logs with customer information for 90 days from their creation (law.md 5.1, line
63). Ours hold ids and no content, and go by the same rule, so that nobody has to tell them apart.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEPT = timedelta(days=90)
_NAME = re.compile(r"voiceline-(\d{4}-\d{2}-\d{2})\.jsonl")


def file_of(folder: Path, day: date) -> Path:
    """Answer where the lines of that day are."""
    return folder / f"voiceline-{day:%Y-%m-%d}.jsonl"


def delete_old(folder: Path, *, at: datetime) -> int:
    """Delete the files whose last line is 90 days old; answer how many. No other file is touched.

    A file that somebody else deleted at the same moment is no failure.
    """
    last = (at.astimezone(UTC) - KEPT).date()
    old = [path for path in folder.glob("voiceline-*.jsonl") if _day_of(path) < last]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


class DayFile:
    """What a logger writes to: each line goes whole into the file of its day.

    Several processes append to one file: the system keeps the lines of a file that is opened for
    appending apart. A disk that is full or away stops no call: the line goes to standard error.
    """

    def __init__(
        self, folder: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._folder, self._clock = folder, clock
        self._day: date | None = None
        self._file = -1

    def write(self, line: str) -> int:
        """Append the line, of which there is a whole one each time."""
        data, written = line.encode(), 0
        with suppress(OSError):
            written = os.write(self._of_today(), data)
        if written < len(data):  # the disk had room for a part of it
            sys.stderr.write(line)
        return len(line)

    def flush(self) -> None:
        """Do nothing: a line is with the system as soon as it is written."""

    def _of_today(self) -> int:
        day = self._clock().astimezone(UTC).date()
        if day != self._day:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            opened = os.open(file_of(self._folder, day), flags, mode=0o600)
            if self._file >= 0:
                os.close(self._file)
            self._day, self._file = day, opened
            delete_old(self._folder, at=self._clock())
        return self._file


def _day_of(path: Path) -> date:
    found = _NAME.fullmatch(path.name)
    try:
        return date.fromisoformat(found[1]) if found else date.max
    except ValueError:
        return date.max
