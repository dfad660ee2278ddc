"""The ZIP form of a pack, of which there is exactly one for given files.

Files are stored, not packed; in the order given; dated 1980-01-01; without comments and without
extra fields, but for the ZIP64 sizes where one is too large for the older form. So whoever knows
names, sizes and CRCs knows every byte besides the files' own. Source of the form: APPNOTE.TXT 6.3.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = 0xFFFFFFFF
MANY = 0xFFFF
"""From here on the older form says "look at the ZIP64 fields"."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")

_PLAIN, _LONG = 10, 45
"""The version of the form that is needed, without and with ZIP64."""
_MADE_BY = 3 << 8 | _LONG
"""Unix, so that the mode below means something."""
_MODE = 0o100644 << 16
_TIME, _DATE = 0, 1 << 5 | 1
"""Midnight of 1980-01-01, the first there is."""
_ZIP64 = 1

HEADER = _LOCAL.size
"""Bytes of a local header before the name."""


@dataclass(frozen=True)
class Member:
    """One file of the archive, but for its bytes."""

    name: str
    """ASCII."""
    size: int
    crc32: int


def local_header(member: Member) -> bytes:
    """Answer what stands before the file's bytes."""
    name, extra, size = member.name.encode("ascii"), b"", member.size
    if member.size >= LARGE:
        extra, size = struct.pack("<HHQQ", _ZIP64, 16, member.size, member.size), LARGE
    needed = _LONG if extra else _PLAIN
    facts = (needed, 0, 0, _TIME, _DATE, member.crc32, size, size, len(name), len(extra))
    return _LOCAL.pack(b"PK\x03\x04", *facts) + name + extra


def ending(members: Sequence[Member]) -> bytes:
    """Answer what stands behind the last file's bytes."""
    entries, offset = [], 0
    for member in members:
        entries.append(_central(member, offset))
        offset += len(local_header(member)) + member.size
    directory = b"".join(entries)
    count, size = len(members), len(directory)
    last = _END.pack(
        b"PK\x05\x06",
        0,
        0,
        min(count, MANY),
        min(count, MANY),
        min(size, LARGE),
        min(offset, LARGE),
        0,
    )
    if count < MANY and size < LARGE and offset < LARGE:
        return directory + last
    facts = (44, _MADE_BY, _LONG, 0, 0, count, count, size, offset)
    long = _END_64.pack(b"PK\x06\x06", *facts)
    locator = _LOCATOR_64.pack(b"PK\x06\x07", 0, offset + size, 1)
    return directory + long + locator + last


def length(members: Sequence[Member]) -> int:
    """Answer how many bytes the whole archive has."""
    files = sum(len(local_header(member)) + member.size for member in members)
    return files + len(ending(members))


def read_size(header: bytes) -> int:
    """Answer the size that a local header states; what else it says is compared, not read."""
    size: int = _LOCAL.unpack(header)[8]
    return size


def _central(member: Member, offset: int) -> bytes:
    name = member.name.encode("ascii")
    size = min(member.size, LARGE)
    long = [member.size] * 2 if member.size >= LARGE else []
    long += [offset] if offset >= LARGE else []
    extra = struct.pack(f"<HH{len(long)}Q", _ZIP64, 8 * len(long), *long) if long else b""
    return (
        _CENTRAL.pack(
            b"PK\x01\x02",
            _MADE_BY,
            _LONG if extra else _PLAIN,
            0,
            0,
            _TIME,
            _DATE,
            member.crc32,
            size,
            size,
            len(name),
            len(extra),
            0,
            0,
            0,
            _MODE,
            min(offset, LARGE),
        )
        + name
        + extra
    )
