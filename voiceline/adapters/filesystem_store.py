"""The object store of an installation without S3: a folder on a disk that is backed up.

    root/rec/<business>/2026/11/RE...wav             the object
    root/rec/<business>/2026/11/.RE...wav.json       its tags and content type
    root/.incoming/                                  what is being written
    root/.lock                                       held while names change

A key never has a part that starts with a dot, so these files cannot meet. Several processes may
share the folder: audio is written and flushed outside the lock, names move inside it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceline.adapters.durable_files import (
    disk_errors,
    flush_folder,
    make_folders,
    temporary_file,
    write_durably,
)
from voiceline.adapters.object_keys import checked_key, checked_range, checked_tags
from voiceline.errors import (
    MissingObjectError,
    ObjectConflictError,
    PermanentFailure,
    TemporaryFailure,
)
from voiceline.ports import Listed, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHUNK = 64 * 1024
ABANDONED_AFTER = 3600
"""Seconds after which a file in .incoming belongs to a process that died while writing it."""


class FolderStore:
    """ObjectStore in a folder: every object is whole or absent."""

    def __init__(self, root: Path) -> None:
        with disk_errors():
            self.root = Path(root).absolute()
            make_folders(self.root)
            self.root = self.root.resolve()
            self._incoming = self.root / ".incoming"
            make_folders(self._incoming)
            self._lock_path = self.root / ".lock"
            self._lock_path.touch(mode=0o600)
            self._remove_abandoned()

    def put(
        self, key: str, data: bytes, *, content_type: str, tags: Mapping[str, str]
    ) -> StoredObject:
        path = self._path(key)
        notes = {"content_type": content_type, "tags": checked_tags(tags)}
        with disk_errors(), temporary_file(self._incoming, data) as temporary:
            wanted = hashlib.sha256(data).hexdigest()
            if _sha256(temporary) != wanted:
                raise TemporaryFailure("the disk gave back other bytes than it was given")
            with self._lock():
                if path.is_file():
                    return _existing(key, path, wanted)
                self._make_room(path)
                # Notes first: an object without its tags would never expire by its tier.
                write_durably(_notes_path(path), json.dumps(notes, sort_keys=True).encode())
                temporary.replace(path)
                flush_folder(path.parent)
        return StoredObject(key, len(data), wanted)

    def get(self, key: str) -> bytes:
        with self._reading():
            return self._path(key).read_bytes()

    def size(self, key: str) -> int:
        path = self._path(key)
        with self._reading():
            if not path.is_file():
                raise FileNotFoundError
            return path.stat().st_size

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        checked_range(start, end)
        self.size(key)  # raises here and now, before the caller has sent a header
        return self._chunks(self._path(key), start, end - start + 1)

    def tags(self, key: str) -> dict[str, str]:
        self.size(key)
        tags: dict[str, str] = self._notes(key).get("tags", {})
        return tags

    def retag(self, key: str, tags: Mapping[str, str]) -> None:
        replacement = checked_tags(tags)
        with disk_errors(), self._lock():
            self.size(key)
            notes = self._notes(key) | {"tags": replacement}
            write_durably(_notes_path(self._path(key)), json.dumps(notes, sort_keys=True).encode())

    def delete(self, key: str) -> None:
        path = self._path(key)
        with disk_errors(), self._lock():
            if not path.parent.is_dir():
                return
            for file in (path, _notes_path(path)):
                with suppress(FileNotFoundError):
                    file.unlink()
            flush_folder(path.parent)
            self._prune(path.parent)

    def listed(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Listed]:
        if not self._lock_path.exists():
            raise TemporaryFailure("the store's folder is gone: is it mounted?")
        with disk_errors():
            found = islice(_walk(self.root, "", prefix, after), limit)
            return [Listed(key, key) for key in found]

    def _path(self, key: str) -> Path:
        path = self.root.joinpath(*checked_key(key).split("/"))
        # The key cannot climb out by itself; a symbolic link put into the folder could.
        if not path.resolve().is_relative_to(self.root):
            raise PermanentFailure("the key leads out of the store's folder")
        return path

    def _make_room(self, path: Path) -> None:
        try:
            make_folders(path.parent)
        except (NotADirectoryError, FileExistsError) as error:
            raise PermanentFailure("a part of the key is an object already") from error
        if path.is_dir():
            raise PermanentFailure("the key is the beginning of other keys")

    def _notes(self, key: str) -> dict[str, Any]:
        with disk_errors():
            try:
                notes: dict[str, Any] = json.loads(_notes_path(self._path(key)).read_bytes())
            except FileNotFoundError:
                return {}
            except ValueError as error:
                raise PermanentFailure("the file with the object's tags is damaged") from error
        return notes

    def _prune(self, folder: Path) -> None:
        while folder != self.root and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _remove_abandoned(self) -> None:
        for file in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > ABANDONED_AFTER:
                    file.unlink()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep the other processes and threads out while names change.

        The lock file is not created here: where the disk is not mounted there is none, and
        nothing may be stored under, or reported deleted from, the empty mount point.
        """
        with self._lock_path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _chunks(self, path: Path, start: int, left: int) -> Iterator[bytes]:
        with self._reading(), path.open("rb") as file:
            file.seek(start)
            while left > 0 and (chunk := file.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with disk_errors():
            try:
                yield
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
                if not self._lock_path.exists():
                    raise TemporaryFailure("the store's folder is gone: is it mounted?") from error
                raise MissingObjectError("the object store has no such object") from error


def _existing(key: str, path: Path, wanted: str) -> StoredObject:
    if _sha256(path) != wanted:
        raise ObjectConflictError("the key is already taken by other bytes")
    return StoredObject(key, path.stat().st_size, wanted)


def _walk(folder: Path, at: str, prefix: str, after: str) -> Iterator[str]:
    """Yield the keys in the order of their characters, and enter no folder that has none of them.

    A folder sorts with its slash: `a-b/c` comes before `a/b`, as in a bucket.
    """
    names = sorted(
        f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
        for entry in os.scandir(folder)
        if not entry.name.startswith(".")
    )
    for name in names:
        key = at + name
        if not name.endswith("/"):
            if key > after and key.startswith(prefix):
                yield key
        elif (key > after or after.startswith(key)) and (
            key.startswith(prefix) or prefix.startswith(key)
        ):
            with suppress(FileNotFoundError):  # its last object went meanwhile
                yield from _walk(folder / name, key, prefix, after)


def _notes_path(path: Path) -> Path:
    return path.with_name(f".{path.name}.json")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
