"""How an object is sealed: chunks that open each by itself, in a file that opens only as a whole.

    magic 8 | chunk size 4 | plain size 8 | salt 16 | chunk 0 + tag 16 | chunk 1 + tag 16 | ...

The key of the chunks is derived (HKDF-SHA-256) from the data key, the salt, the whole header and
the object's name, so a changed header and an object under another's name open nothing. A chunk's
nonce is its number and whether it is the last: nothing can be cut off, left out, moved or added.

The salt is no random number but a keyed hash of name and content: sealing the same bytes twice
gives the same object, which is what lets a job run twice, and other bytes have other keys.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voiceline.errors import DamagedObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAGIC = b"VLSEAL\x00\x01"
"""Its last byte is the version."""
CHUNK = 64 * 1024
MOST = 1024 * 1024
"""The largest chunk that is believed of a header, which is read before it is proven."""
TAG = 16
SALT = 16
_FIELDS = struct.Struct(">8sIQ")
HEADER = _FIELDS.size + SALT
DAMAGED = "the object is not what was sealed under this name with this key"


@dataclass(frozen=True)
class Header:
    """The beginning of a sealed object; nothing in it is true before a chunk opened."""

    chunk: int
    size: int
    """Bytes of what was sealed."""
    salt: bytes

    @property
    def chunks(self) -> int:
        """How many there are; an empty object has one, which is empty."""
        return max(1, -(-self.size // self.chunk))

    def place(self, first: int, last: int) -> tuple[int, int]:
        """Answer the first and last byte of these chunks in the sealed object."""
        end = HEADER + min((last + 1) * self.chunk, self.size) + (last + 1) * TAG
        return HEADER + first * (self.chunk + TAG), end - 1

    def encode(self) -> bytes:
        """Answer it as it is stored."""
        return _FIELDS.pack(MAGIC, self.chunk, self.size) + self.salt


def read_header(data: bytes) -> Header:
    """Read the beginning of an object, or raise DamagedObjectError."""
    if len(data) != HEADER:
        raise DamagedObjectError(DAMAGED)
    magic, chunk, size = _FIELDS.unpack_from(data)
    if magic != MAGIC or not 0 < chunk <= MOST:
        raise DamagedObjectError(DAMAGED)
    return Header(chunk, size, data[_FIELDS.size :])


def seal(data: bytes, *, key: bytes, name: str, digest: bytes, chunk: int = CHUNK) -> bytes:
    """Answer the bytes, whose SHA-256 is `digest`, sealed under the name."""
    header = Header(chunk, len(data), _salt(key, name, digest))
    cipher, whole, last = _cipher(key, name, header), memoryview(data), header.chunks - 1
    pieces = [header.encode()]
    pieces += [
        cipher.encrypt(_nonce(number, last), whole[number * chunk : (number + 1) * chunk], None)
        for number in range(header.chunks)
    ]
    return b"".join(pieces)


def open_chunks(
    header: Header, pieces: Iterable[bytes], *, key: bytes, name: str, first: int, last: int
) -> Iterator[bytes]:
    """Yield the chunks `first`..`last` of the pieces that begin with the first of them."""
    cipher, end = _cipher(key, name, header), header.chunks - 1
    frames = _frames(pieces, header.chunk + TAG)
    for number in range(first, last + 1):
        try:
            yield cipher.decrypt(_nonce(number, end), next(frames, b""), None)
        except (InvalidTag, ValueError) as error:
            raise DamagedObjectError(DAMAGED) from error
    if next(frames, b""):
        raise DamagedObjectError(DAMAGED)


def _frames(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Cut the pieces anew, each of that size but the last; never more than two are in memory."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _nonce(number: int, last: int) -> bytes:
    return number.to_bytes(11) + (b"\x01" if number == last else b"\x00")


def _cipher(key: bytes, name: str, header: Header) -> AESGCM:
    info = b"voiceline/chunks\0" + header.encode() + name.encode()
    return AESGCM(HKDF(SHA256(), 32, salt=header.salt, info=info).derive(key))


def _salt(key: bytes, name: str, digest: bytes) -> bytes:
    own = HKDF(SHA256(), 32, salt=None, info=b"voiceline/salt").derive(key)
    return hmac.digest(own, name.encode() + b"\0" + digest, "sha256")[:SALT]
