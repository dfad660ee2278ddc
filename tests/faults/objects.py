"""What an object store holds, seen from outside of Voiceline."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from voiceline.adapters.master_keys import settings_master_keys
from voiceline.adapters.sealed_chunks import HEADER, open_chunks, read_header
from voiceline.adapters.sealed_store import SEALED

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.s3_faults import FaultyS3


class Objects(Protocol):
    def all(self) -> dict[str, str]:
        """Answer the SHA-256 of every object by its key."""

    def has(self, recording: str, sha256: str) -> bool:
        """Tell whether exactly these bytes of the recording are there."""


@dataclass(frozen=True)
class FolderObjects:
    """The folder store's files, opened with the keys beside it."""

    root: Path

    def all(self) -> dict[str, str]:
        return {
            key: _digest(key, path.read_bytes(), self._wrapped(key), self.root.parent)
            for path in self.root.glob("rec/**/*.wav.sealed")
            for key in [str(path.relative_to(self.root)).removesuffix(SEALED)]
        }

    def has(self, recording: str, sha256: str) -> bool:
        return any(recording in key and found == sha256 for key, found in self.all().items())

    def _wrapped(self, key: str) -> bytes:
        (path,) = (self.root.parent / "keys").glob(f"{key}.*.key")
        return path.read_bytes()


@dataclass(frozen=True)
class BucketObjects:
    """The objects of the S3 server that fails on demand, opened with the keys in it."""

    server: FaultyS3
    data_dir: Path

    def all(self) -> dict[str, str]:
        kept = {key: each.body for key, each in list(self.server.objects.items())}
        return {
            name: _digest(name, body, _key_of(name, kept), self.data_dir)
            for key, body in kept.items()
            if key.startswith("rec/")
            for name in [key.removesuffix(SEALED)]
            if name.endswith(".wav")
        }

    def has(self, recording: str, sha256: str) -> bool:
        return any(recording in key and found == sha256 for key, found in self.all().items())


def _key_of(name: str, kept: dict[str, bytes]) -> bytes:
    (wrapped,) = (body for key, body in kept.items() if key.startswith(f"keys/{name}."))
    return wrapped


def _digest(name: str, body: bytes, wrapped: bytes, data_dir: Path) -> str:
    """Answer the SHA-256 of what was sealed; raises where it does not open."""
    (master,) = settings_master_keys((data_dir / "master_keys").read_text(encoding="ascii"))
    key = master.unwrap(base64.b64decode(json.loads(wrapped)["wrapped"]), name=name)
    header = read_header(body[:HEADER])
    last, rest = header.chunks - 1, body[HEADER:]
    opened = open_chunks(header, [rest], key=key, name=name, first=0, last=last)
    return hashlib.sha256(b"".join(opened)).hexdigest()
