"""What the carrier told us while the database was away: one file an event, safe on the disk.

Standard library only: this is what is left when everything else is down. A file holds a caller's
number, so nobody else may read it, and it is deleted as soon as it is in the database.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEAD_AFTER_SECONDS = 3600
"""A draft is in use for as long as one write to a disk takes; a carrier gives up after fifteen."""


def write_event(folder: Path, event: dict[str, Any]) -> Path:
    """Write the event so that a power cut leaves it whole; raises OSError on a full disk."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    draft, final = folder / f"{name}.part", folder / f"{name}.json"
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(event, file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(final)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _flush_folder(folder)
    return final


def events(
    folder: Path, broken: Callable[[Path, Exception], None] | None = None
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each spooled event, oldest first.

    One that is not whole is left for a person, whom `broken` may tell of it.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            event = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue  # somebody else has fed it in
        except (OSError, ValueError) as error:
            if broken is not None:
                broken(path, error)
            continue
        yield path, event


def take_up_drafts(folder: Path) -> int:
    """Make events of what a process that died had written whole, and delete its other drafts.

    Answer how many were deleted. A draft that may still be in use is left alone.
    """
    deleted = 0
    for path in folder.glob("*.part"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime < DEAD_AFTER_SECONDS:
                continue
            if _is_whole(path):
                path.rename(path.with_suffix(".json"))
            else:
                path.unlink()
                deleted += 1
    return deleted


def remove(path: Path) -> None:
    """Delete an event that is in the database now; somebody else may have been faster."""
    path.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _is_whole(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return True


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
