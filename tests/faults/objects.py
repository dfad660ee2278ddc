"""What an object store holds, seen from outside of Voiceline."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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
    """The folder store's files."""

    root: Path

    def all(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.root.glob("rec/**/*.wav")
        }

    def has(self, recording: str, sha256: str) -> bool:
        return any(
            hashlib.sha256(path.read_bytes()).hexdigest() == sha256
            for path in self.root.glob(f"rec/*/*/*/{recording}*.wav")
        )


@dataclass(frozen=True)
class BucketObjects:
    """The objects of the S3 server that fails on demand."""

    server: FaultyS3

    def all(self) -> dict[str, str]:
        return {
            key: hashlib.sha256(kept.body).hexdigest()
            for key, kept in list(self.server.objects.items())
            if key.startswith("rec/")
        }

    def has(self, recording: str, sha256: str) -> bool:
        return any(recording in key and found == sha256 for key, found in self.all().items())
