"""Making a pack: everything is read once to be measured, and once more to be sent.

Nothing is held in memory but one piece of one file; and since all hashes are known before the first
byte is sent, so is the length of the pack, and a download that was cut off is noticed.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from voiceline.errors import MissingObjectError, TemporaryFailure
from voiceline.evidence.archive import Member, ending, length, local_header
from voiceline.evidence.seal import MANIFEST, SEAL, Listed, Manifest, write_seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voiceline.audit.keys import SigningKey
    from voiceline.evidence.gathering import Held
    from voiceline.ports import ObjectStore

GONE = "It is recorded as stored, but the object store does not have it."
OTHER = "What the object store holds is not what was stored: the hash is another."

log = structlog.get_logger()


@dataclass(frozen=True)
class Source:
    """A file to be: its name, and what yields its bytes, each time the same."""

    name: str
    open: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Pack:
    """A pack that is ready to be sent."""

    manifest: Manifest
    size: int
    """Bytes of the whole file."""
    open: Callable[[], Iterator[bytes]]
    """Yields the file; raises TemporaryFailure in its middle where a file is another one now."""


def text_source(name: str, text: str) -> Source:
    """Answer a file of that text."""
    data = text.encode()
    return Source(name, lambda: iter([data]))


def json_source(name: str, facts: Any) -> Source:
    """Answer a file of those facts, for people and programs to read."""
    return text_source(name, json.dumps(facts, ensure_ascii=False, indent=1) + "\n")


def lines_source(name: str, lines: Sequence[str]) -> Source:
    """Answer a file of those lines."""
    return text_source(name, "".join(f"{line}\n" for line in lines))


def held_sources(store: ObjectStore, held: Sequence[Held]) -> list[Source]:
    """Answer a file for each that the store holds, and write into its facts what became of it.

    One that is missing is a file that says so; a store that is away raises TemporaryFailure.
    """
    sources = []
    for each in held:
        source = Source(each.name, _opener(store, each))
        try:
            found = measure(source)
        except MissingObjectError:
            log.error("evidence.file_missing", file=each.name)
            each.facts["why_no_file"] = GONE
            sources.append(text_source(f"{each.name}.missing.txt", f"{GONE}\n"))
            continue
        each.facts["file"] = each.name
        if found.sha256 != each.sha256:
            log.error("evidence.file_altered", file=each.name)
            each.facts["altered"] = OTHER
        sources.append(source)
    return sources


def measure(source: Source) -> Listed:
    """Read the file through and answer what it is."""
    digest, checksum, size = hashlib.sha256(), 0, 0
    for piece in source.open():
        digest.update(piece)
        checksum = zlib.crc32(piece, checksum)
        size += len(piece)
    return Listed(source.name, size, digest.hexdigest(), checksum)


def make_pack(facts: dict[str, str], sources: Sequence[Source], key: SigningKey) -> Pack:
    """Answer the pack of the files; `facts` are what the manifest says besides."""
    manifest = Manifest(**facts, files=tuple(measure(source) for source in sources))
    data = manifest.as_bytes()
    sealed = write_seal(data, key)
    first = [Member(n, len(d), zlib.crc32(d)) for n, d in ((MANIFEST, data), (SEAL, sealed))]
    members = [*first, *(listed.member for listed in manifest.files)]

    def pieces() -> Iterator[bytes]:
        for member, small in zip(first, (data, sealed), strict=True):
            yield local_header(member) + small
        for listed, source in zip(manifest.files, sources, strict=True):
            yield local_header(listed.member)
            yield from _as_measured(listed, source)
        yield ending(members)

    return Pack(manifest, length(members), pieces)


def _as_measured(listed: Listed, source: Source) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for piece in source.open():
        digest.update(piece)
        size += len(piece)
        yield piece
    if size != listed.size or digest.hexdigest() != listed.sha256:
        log.error("evidence.file_changed", file=listed.name)
        raise TemporaryFailure("a file changed while it was sent: take the pack again")


def _opener(store: ObjectStore, held: Held) -> Callable[[], Iterator[bytes]]:
    def open_it() -> Iterator[bytes]:
        size = store.size(held.key)
        return store.stream(held.key, 0, size - 1) if size else iter(())

    return open_it
