"""The part of the audit trail that is in a pack, checked line by line as it is read.

`audit/entries.jsonl` has the entries of the request as they were hashed; `audit/chain.jsonl`, if it
is there, every entry of the business from the first of them on, so that the chain can be followed
to a signed head; `audit/heads.jsonl` has the signed heads; `audit/names.jsonl` the names behind the
digests.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voiceline.audit.encoding import canonical, name_digest, sha256
from voiceline.evidence.seal import BrokenPackError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.audit.keys import KeyRing
    from voiceline.evidence.seal import Manifest

ENTRIES, CHAIN = "audit/entries.jsonl", "audit/chain.jsonl"
HEADS, NAMES = "audit/heads.jsonl", "audit/names.jsonl"
ORDER = (ENTRIES, CHAIN, HEADS, NAMES)
"""How they follow one another in the pack: a head is held against the entries before it."""

FOLDER = "audit/"
LISTS = (ORDER, (ENTRIES, HEADS, NAMES))
"""What a pack has in that folder, and nothing else: with the chain or without it."""

LONGEST_LINE = 64 * 1024
HASH = 32
"""Bytes of a SHA-256."""


@dataclass
class Excerpt:
    """What was read so far; `feed` raises BrokenPackError at the first line that is wrong."""

    manifest: Manifest
    keys: KeyRing
    entries: dict[int, str] = field(default_factory=dict)
    """Of the request: number and hash."""
    steps: list[dict[str, Any]] = field(default_factory=list)
    """Of the request, those that are about itself, as they were hashed."""
    chain: bytearray = field(default_factory=bytearray)
    """Of the business, if the pack has them: the hashes one behind the other, 32 bytes each."""
    heads_true: list[int] = field(default_factory=list)
    """The numbers of the entries that were signed with a key at hand."""
    heads_unknown: int = 0
    """Heads that were signed with a key that is not at hand."""
    _chain_first: int = 0
    _linked: dict[int, str] = field(default_factory=dict)
    """Those of the chain that are of the request: number and hash."""
    _last: tuple[int, str] = (0, "")
    """Number and hash of the entry before, in the file that is being read."""
    _names: set[str] = field(default_factory=set)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        """Demand the files of the trail by their names, in their order."""
        names = [file.name for file in self.manifest.files]
        if tuple(name for name in names if name.lower().startswith(FOLDER)) not in LISTS:
            raise BrokenPackError(f"the files in {FOLDER} are not those of a pack, in their order")

    def feed(self, file: str, piece: bytes) -> None:
        """Take the next piece of one of the files."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(file, line)
        if len(self._rest) > LONGEST_LINE:
            raise BrokenPackError(f"{file} has a line that is too long")

    def end(self, file: str) -> None:
        """Take the end of the file, which is the end of a line."""
        if self._rest:
            raise BrokenPackError(f"{file} ends in the middle of a line")
        if file == ENTRIES and not self.entries:
            raise BrokenPackError(f"{ENTRIES} is empty: that the pack was made is an entry itself")
        if file == CHAIN and self._linked != self.entries:
            raise BrokenPackError(f"{CHAIN} has other entries of the request than {ENTRIES}")
        self._last = (0, "")

    @property
    def links(self) -> int:
        """How many entries of the business the pack has; 0 without the chain."""
        return len(self.chain) // HASH

    @property
    def covered(self) -> int:
        """The number of the last entry of the request that a true head covers; 0 for none."""
        last = max(self.heads_true, default=0)
        return max((number for number in self.entries if number <= last), default=0)

    def _take(self, file: str, line: bytes) -> None:
        try:
            facts = json.loads(line)
            if canonical(facts).encode() != line:
                raise BrokenPackError(f"{file} has a line that is not written as we write it")
            _TAKERS[file](self, facts, line.decode())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise BrokenPackError(f"{file} has a line that is none of ours") from None

    def _take_entry(self, entry: dict[str, Any], line: str) -> None:
        if entry["request"] != self.manifest.request:
            raise BrokenPackError(f"{ENTRIES} has an entry of another request")
        number, digest = self._follow(ENTRIES, entry, line)
        self.entries[number] = digest
        if entry["subject"]["kind"] == "request":
            self.steps.append(entry)
        if name := entry["actor"]["name"]:
            self._names.add(name)

    def _take_link(self, entry: dict[str, Any], line: str) -> None:
        before, _ = self._last
        number, digest = self._follow(CHAIN, entry, line)
        if not self.chain:
            self._chain_first = number
        elif number != before + 1:
            raise BrokenPackError(f"{CHAIN} lacks entry {number - 1}")
        self.chain += bytes.fromhex(digest)
        if entry["request"] == self.manifest.request:
            self._linked[number] = digest

    def _follow(self, file: str, entry: dict[str, Any], line: str) -> tuple[int, str]:
        """Answer number and hash of the entry, which is a later one of the business."""
        number, (before, digest) = entry["sequence"], self._last
        if type(number) is not int or number <= before:
            raise BrokenPackError(f"{file} has an entry that does not belong there")
        if entry["business"] != self.manifest.business:
            raise BrokenPackError(f"{file} has an entry of another business")
        if before and number == before + 1 and entry["previous"] != digest:
            raise BrokenPackError(f"{file}: entry {number} does not follow the one before it")
        self._last = number, sha256(line)
        return self._last

    def _in_chain(self, number: int) -> str:
        """Answer the hash that the chain has of that entry, or nothing."""
        place = (number - self._chain_first) * HASH
        return self.chain[place : place + HASH].hex() if place >= 0 else ""

    def _take_head(self, outer: dict[str, Any], _line: str) -> None:
        signed = str(outer["head"])
        head = json.loads(signed)
        if outer.keys() != {"head", "key", "signature"} or canonical(head) != signed:
            raise BrokenPackError(f"{HEADS} has a line that is not written as we write it")
        number = int(head["sequence"])
        kept = self._in_chain(number)
        if head["business"] != self.manifest.business:
            raise BrokenPackError(f"{HEADS} has a head of another business")
        if not self.keys.knows(outer["key"]):
            self.heads_unknown += 1
            return
        if not self.keys.is_true(outer["key"], signed, outer["signature"]):
            raise BrokenPackError(f"{HEADS}: the signature of {head['day']} is false")
        if (kept or self.entries.get(number, head["hash"])) != head["hash"]:
            raise BrokenPackError(f"{HEADS}: another entry {number} was signed on {head['day']}")
        self.heads_true.append(number)

    def _take_name(self, facts: dict[str, Any], _line: str) -> None:
        if facts.keys() != {"digest", "name", "salt"} or facts["digest"] not in self._names:
            raise BrokenPackError(f"{NAMES} has a name that no entry knows")
        if name_digest(facts["salt"], facts["name"]) != facts["digest"]:
            raise BrokenPackError(f"{NAMES} has a name that is not the one it was")


_TAKERS: dict[str, Callable[[Excerpt, dict[str, Any], str], None]] = {
    ENTRIES: Excerpt._take_entry,  # noqa: SLF001 - the class's own table
    CHAIN: Excerpt._take_link,  # noqa: SLF001
    HEADS: Excerpt._take_head,  # noqa: SLF001
    NAMES: Excerpt._take_name,  # noqa: SLF001
}
