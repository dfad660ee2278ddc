"""Files that are whole or absent, whatever is unplugged: temp file, fsync, rename, fsync."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from voiceline.errors import PermanentFailure, TemporaryFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
    | {errno.EAGAIN, errno.EBUSY, errno.ENOENT, errno.ESTALE, errno.ETIMEDOUT}
)
"""What time or an operator puts right, a missing mount among them (ENOENT)."""


@contextmanager
def disk_errors() -> Iterator[None]:
    """Translate the system's file errors; their text names a path, so it is not repeated."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unknown error"
        if error.errno in PASSING:
            raise TemporaryFailure(f"the disk refused: {reason}") from error
        raise PermanentFailure(
            f"the disk refused: {reason}; check the folder's owner, permissions and mount"
        ) from error


@contextmanager
def temporary_file(folder: Path, data: bytes) -> Iterator[Path]:
    """Write `data` to a new private file in `folder`, on the disk before the body runs.

    The body renames it away; whatever is left afterwards is removed.
    """
    path = folder / f".{uuid4().hex}.tmp"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield path
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def write_durably(path: Path, data: bytes) -> None:
    """Replace `path` by a file with exactly `data`, or leave it as it was."""
    with temporary_file(path.parent, data) as temporary:
        temporary.replace(path)
    flush_folder(path.parent)


def make_folders(folder: Path) -> None:
    """Create a folder and its parents, private to us, each one on the disk."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Wait until the folder's names are on the disk: a rename is not durable before."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
