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
    from collections.abc import Iterator
    from pathlib import Path


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


def events(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each spooled event, oldest first; one that is not whole is left for a person."""
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError):
            yield path, json.loads(path.read_text(encoding="utf-8"))


def remove(path: Path) -> None:
    """Delete an event that is in the database now; somebody else may have been faster."""
    path.unlink(missing_ok=True)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
