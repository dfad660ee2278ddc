"""The manifest, which names every file with its hash, and the seal, which binds the manifest.

Both are canonical JSON (RFC 8785), so that there is one way to write them down, and both are read
strictly: what is not exactly as we write it is not ours.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from voiceline.audit.encoding import canonical
from voiceline.audit.keys import KeyRing, SigningKey, key_id
from voiceline.evidence.archive import Member

FORM = 1
"""Of the pack, in manifest and seal: another form would have another number."""
WHAT = "voiceline evidence pack"

MANIFEST, SEAL = "manifest.json", "seal.json"
LARGEST_MANIFEST = 16 * 2**20
"""Bytes; a pack has a few dozen files."""
LARGEST_FILE = 2**40

_FACTS = {"business", "files", "form", "made_at", "reference", "request", "what"}
_FILE = {"crc32", "name", "sha256", "size"}
_SEAL = {"form", "key", "manifest", "public", "signature"}
_PART = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_NAME = re.compile(rf"(?:{_PART}/)?{_PART}")
LONGEST_NAME = 100
_PLAIN = re.compile(r"[0-9A-Za-z:.-]{1,64}")


class BrokenPackError(Exception):
    """The file is no pack of ours, or not as it was made; says what is wrong first."""


@dataclass(frozen=True)
class Listed:
    """One file as the manifest lists it."""

    name: str
    size: int
    sha256: str
    crc32: int

    @property
    def member(self) -> Member:
        """The file as the archive holds it."""
        return Member(self.name, self.size, self.crc32)


@dataclass(frozen=True)
class Manifest:
    """What a pack is about, and all its files but manifest and seal."""

    business: str
    request: str
    reference: str
    made_at: str
    files: tuple[Listed, ...]

    def as_bytes(self) -> bytes:
        """Answer the one way to write it."""
        files = [
            {"crc32": f"{f.crc32:08x}", "name": f.name, "sha256": f.sha256, "size": f.size}
            for f in self.files
        ]
        facts = {
            "business": self.business,
            "files": files,
            "form": FORM,
            "made_at": self.made_at,
            "reference": self.reference,
            "request": self.request,
            "what": WHAT,
        }
        return canonical(facts).encode()


@dataclass(frozen=True)
class Seal:
    """Who sealed the manifest."""

    public: str
    """The public key, 64 hex digits."""
    signature: str

    @property
    def key_id(self) -> str:
        """What the trail calls the key."""
        return key_id(self.public)


def write_seal(manifest: bytes, key: SigningKey) -> bytes:
    """Answer the seal of the manifest."""
    digest = hashlib.sha256(manifest).hexdigest()
    facts = {
        "form": FORM,
        "key": key.id,
        "manifest": digest,
        "public": key.public,
        "signature": key.sign(_line(digest)),
    }
    return canonical(facts).encode()


def read_seal(data: bytes, manifest: bytes) -> Seal:
    """Answer the seal if it is one, and of this manifest; raises BrokenPackError."""
    facts = _read(data, _SEAL, SEAL)
    digest = hashlib.sha256(manifest).hexdigest()
    for name, digits in (("key", 16), ("manifest", 64), ("public", 64), ("signature", 128)):
        _check(_is_hex(facts[name], digits), f"{SEAL}: {name} is not {digits} hex digits")
    seal = Seal(facts["public"], facts["signature"])
    _check(_is_form(facts["form"]), f"{SEAL} is of another form than this program knows")
    _check(facts["key"] == seal.key_id, f"{SEAL}: the key is not called so")
    _check(facts["manifest"] == digest, f"{MANIFEST} is not the one that was sealed")
    ring = KeyRing({seal.key_id: seal.public})
    true = ring.is_true(seal.key_id, _line(digest), seal.signature)
    _check(true, f"{SEAL}: the signature is false")
    return seal


def read_manifest(data: bytes) -> Manifest:
    """Answer the manifest if it is one of ours; raises BrokenPackError."""
    facts = _read(data, _FACTS, MANIFEST)
    _check(facts["what"] == WHAT, f"{MANIFEST} is not that of an evidence pack")
    _check(_is_form(facts["form"]), f"{MANIFEST} is of another form than this program knows")
    words = [facts[name] for name in ("business", "made_at", "reference", "request")]
    plain = all(isinstance(word, str) and _PLAIN.fullmatch(word) for word in words)
    _check(plain, f"{MANIFEST}: what it is about is not plain")
    _check(isinstance(facts["files"], list), f"{MANIFEST} lists no files")
    files = tuple(_listed(entry) for entry in facts["files"])
    taken = [MANIFEST, SEAL, *(file.name.lower() for file in files)]
    _check(len(set(taken)) == len(taken), f"{MANIFEST} lists two files of one name")
    folders = {name.partition("/")[0] for name in taken if "/" in name}
    _check(not folders & set(taken), f"{MANIFEST} lists a file that is a folder, too")
    business, made_at, reference, request = words
    return Manifest(business, request, reference, made_at, files)


def _listed(entry: Any) -> Listed:
    _check(isinstance(entry, dict) and entry.keys() == _FILE, f"{MANIFEST}: a file lacks a fact")
    name, size = entry["name"], entry["size"]
    safe = isinstance(name, str) and len(name) <= LONGEST_NAME and _NAME.fullmatch(name)
    _check(bool(safe), f"{MANIFEST} lists a name that no file of ours has")
    sized = type(size) is int and 0 <= size <= LARGEST_FILE
    _check(sized, f"{MANIFEST}: {name} has no size")
    hashed = _is_hex(entry["sha256"], 64) and _is_hex(entry["crc32"], 8)
    _check(hashed, f"{MANIFEST}: {name} has no hash")
    return Listed(name, size, entry["sha256"], int(entry["crc32"], 16))


def _read(data: bytes, names: set[str], file: str) -> dict[str, Any]:
    try:
        facts = json.loads(data)
        same = isinstance(facts, dict) and canonical(facts).encode() == data
    except (ValueError, RecursionError):
        same = False
    _check(same, f"{file} is not written as we write it")
    _check(facts.keys() == names, f"{file} says other things than it should")
    return dict(facts)


def _line(digest: str) -> str:
    """Answer what is signed: no line of the audit trail can be mistaken for it."""
    return canonical({"form": FORM, "manifest": digest, "what": WHAT})


def _is_form(value: Any) -> bool:
    return type(value) is int and value == FORM


def _is_hex(value: Any, digits: int) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(f"[0-9a-f]{{{digits}}}", value))


def _check(holds: bool, words: str) -> None:  # noqa: FBT001 - the first argument of an assertion
    if not holds:
        raise BrokenPackError(words)
