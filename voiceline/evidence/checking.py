"""Checking a pack from its first byte to its last, in memory that does not grow with it.

Nothing is unpacked and no directory is believed. The manifest comes first in the file; from it
follows every byte that is not a file's own, and each of those is hashed. So a byte that was
changed, added or taken away anywhere is found, and so is a file that was put in, renamed or moved.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voiceline.audit.keys import KeyRing, key_id
from voiceline.evidence.archive import HEADER, LARGE, Member, ending, local_header, read_size
from voiceline.evidence.excerpt import ORDER, Excerpt
from voiceline.evidence.seal import (
    LARGEST_MANIFEST,
    MANIFEST,
    SEAL,
    BrokenPackError,
    read_manifest,
    read_seal,
)
from voiceline.evidence.words import HISTORY, REQUEST, Said, check_words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

    from voiceline.evidence.seal import Listed, Manifest, Seal

CHUNK = 64 * 1024
LARGEST_SEAL = 1024


@dataclass(frozen=True)
class Finding:
    """What a pack that holds was found to be."""

    manifest: Manifest
    seal: Seal
    known_key: bool
    """Whether the seal was made with a key that the checker brought."""
    excerpt: Excerpt
    size: int
    """Bytes of the whole file."""
    words: list[Said]
    """What colleagues wrote, held against the entries that bind it."""


def check_pack(file: BinaryIO, keys: Iterable[str] = ()) -> Finding:
    """Answer what the pack is, or raise BrokenPackError with the first thing that is wrong.

    `keys`: public keys, 64 hex digits each, whose seal counts; without any, a seal of whatever key
    the pack itself brings is taken, which proves that the pack is whole but not who made it.
    """
    brought = {key_id(public): public for public in keys}
    reader = _Reader(file)
    first, data = _read_small(reader, MANIFEST, LARGEST_MANIFEST)
    second, sealed = _read_small(reader, SEAL, LARGEST_SEAL)
    seal, manifest = read_seal(sealed, data), read_manifest(data)
    if brought and seal.public not in brought.values():
        raise BrokenPackError(f"it was sealed with the key {seal.key_id}, which is not yours")
    excerpt = Excerpt(manifest, KeyRing({seal.key_id: seal.public} | brought))
    kept: dict[str, bytearray] = {REQUEST: bytearray(), HISTORY: bytearray()}
    for listed in manifest.files:
        _check_file(reader, listed, excerpt, kept.get(listed.name))
    members = [first, second, *(listed.member for listed in manifest.files)]
    reader.expect(ending(members), "the directory at the end of the file")
    reader.expect_end()
    words = _check_words(kept, excerpt)
    return Finding(manifest, seal, bool(brought), excerpt, reader.position, words)


class _Reader:
    """Reads on, and never back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.position = 0

    def read(self, count: int, what: str) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise BrokenPackError(f"the file ends in the middle of {what}")
        self.position += count
        return data

    def expect(self, wanted: bytes, what: str) -> None:
        start = self.position
        found = self.read(len(wanted), what)
        if found != wanted:
            place = start + next(n for n, byte in enumerate(wanted) if found[n] != byte)
            raise BrokenPackError(f"byte {place} is wrong, in {what}")

    def expect_end(self) -> None:
        if self._file.read(1):
            raise BrokenPackError(f"there is something behind the end, from byte {self.position}")


def _read_small(reader: _Reader, name: str, most: int) -> tuple[Member, bytes]:
    """Answer a file at the beginning, whose size and CRC stand in its own header alone."""
    what = f"the beginning, where {name} should be"
    header, called = reader.read(HEADER, what), reader.read(len(name), what)
    size = read_size(header)
    if called != name.encode() or size > min(most, LARGE - 1):
        raise BrokenPackError(f"it is no evidence pack of ours: {name} is not where it should be")
    data = reader.read(size, name)
    member = Member(name, size, zlib.crc32(data))
    if header + called != local_header(member):
        raise BrokenPackError(f"{name} is altered, or the record before it")
    return member, data


def _check_file(reader: _Reader, listed: Listed, excerpt: Excerpt, kept: bytearray | None) -> None:
    if kept is not None and listed.size > LARGEST_MANIFEST:
        raise BrokenPackError(f"{listed.name} is larger than any of ours")
    reader.expect(local_header(listed.member), f"the record before {listed.name}")
    digest, checksum, left = hashlib.sha256(), 0, listed.size
    while left:
        piece = reader.read(min(left, CHUNK), listed.name)
        digest.update(piece)
        checksum = zlib.crc32(piece, checksum)
        left -= len(piece)
        if listed.name in ORDER:
            excerpt.feed(listed.name, piece)
        if kept is not None:
            kept += piece
    if digest.hexdigest() != listed.sha256:
        raise BrokenPackError(f"{listed.name} is altered")
    if checksum != listed.crc32:
        raise BrokenPackError(f"{MANIFEST} has a false CRC of {listed.name}")
    if listed.name in ORDER:
        excerpt.end(listed.name)


def _check_words(kept: dict[str, bytearray], excerpt: Excerpt) -> list[Said]:
    """Hold what colleagues wrote against the entries, where both files are there."""
    if not all(kept.values()):
        return []
    try:
        request, history = (json.loads(kept[name]) for name in (REQUEST, HISTORY))
        return check_words(request, history, excerpt.steps)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BrokenPackError(f"{REQUEST} or {HISTORY} is not written as we write it") from None
