"""An object store whose objects are sealed, each under the data key of its message.

Whoever reads and writes goes through it and sees plain bytes, plain sizes and plain hashes. What
is sealed lies under KEY.sealed; under KEY itself is what was stored before there were keys, which
`seal` takes over. To delete an object is to destroy its key first.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from voiceline.adapters.object_keys import checked_key, checked_range
from voiceline.adapters.sealed_chunks import HEADER, Header, open_chunks, read_header, seal
from voiceline.errors import DamagedObjectError, MissingObjectError, ObjectConflictError
from voiceline.ports import Listed, Seal, StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from voiceline.adapters.data_keys import DataKeys
    from voiceline.ports import ObjectStore

T = TypeVar("T")

SEALED = ".sealed"
TYPE = "application/octet-stream"
DERIVED, RECORD = ".mp3", ".wav"
"""What is made of a message is sealed with the message's own key, and goes with it."""


class SealedStore:
    """ObjectStore over another one, which sees nothing but sealed bytes."""

    def __init__(self, inner: ObjectStore, keys: DataKeys) -> None:
        self._inner = inner
        self.keys = keys

    def put(
        self, key: str, data: bytes, *, content_type: str, tags: Mapping[str, str]
    ) -> StoredObject:
        del content_type  # what it is says its row; the bucket need not know
        secret = self.keys.find_or_make(key_name(checked_key(key)))
        return self._put_sealed(key, data, tags, secret)

    def get(self, key: str) -> bytes:
        return _either(
            lambda: b"".join(self._opened(key, self._header(key), 0, None)),
            lambda: self._inner.get(key),
        )

    def size(self, key: str) -> int:
        return _either(lambda: self._provable(key).size, lambda: self._inner.size(key))

    def stream(self, key: str, start: int, end: int) -> Iterator[bytes]:
        checked_range(start, end)
        return _either(
            lambda: self._opened(key, self._header(key), start, end),
            lambda: self._inner.stream(key, start, end),
        )

    def tags(self, key: str) -> dict[str, str]:
        return _either(lambda: self._inner.tags(key + SEALED), lambda: self._inner.tags(key))

    def retag(self, key: str, tags: Mapping[str, str]) -> None:
        _either(
            lambda: self._inner.retag(key + SEALED, tags),
            lambda: self._inner.retag(key, tags),
        )

    def delete(self, key: str) -> None:
        if key_name(checked_key(key)) == key:
            self.keys.destroy(key)
        self._inner.delete(key + SEALED)
        self._inner.delete(key)

    def listed(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Listed]:
        found = self._inner.listed(prefix, after=after, limit=limit)
        return [Listed(each.key.removesuffix(SEALED), each.mark) for each in found]

    def seal(self, key: str) -> Seal | None:
        """Seal what was stored before there were keys; None where a sealed one is there already.

        The plain object goes once the sealed one was read back, opened and compared.
        """
        try:
            data, tags = self._inner.get(key), self._inner.tags(key)
        except MissingObjectError:
            self.size(key)
            return None
        secret = self.keys.find_or_make(key_name(key))
        try:
            stored = self._put_sealed(key, data, tags, secret)
        except ObjectConflictError:
            if key_name(key) == key:
                raise
            self._inner.delete(key)  # an MP3 that was made anew meanwhile
            return None
        if b"".join(self._opened(key, self._header(key), 0, None)) != data:
            raise DamagedObjectError("the sealed object opens as other bytes than were sealed")
        self._inner.delete(key)
        return stored.seal

    def _put_sealed(
        self, key: str, data: bytes, tags: Mapping[str, str], secret: bytes
    ) -> StoredObject:
        digest = hashlib.sha256(data)
        sealed = seal(data, key=secret, name=key, digest=digest.digest())
        kept = self._inner.put(key + SEALED, sealed, content_type=TYPE, tags=tags)
        mark = Seal(self.keys.master_id, kept.sha256, kept.size)
        return StoredObject(key, len(data), digest.hexdigest(), mark)

    def _provable(self, key: str) -> Header:
        """Answer the header of an object whose key is still there: without it there is nothing."""
        header = self._header(key)
        self.keys.find(key_name(key))
        return header

    def _header(self, key: str) -> Header:
        return read_header(b"".join(self._inner.stream(checked_key(key) + SEALED, 0, HEADER - 1)))

    def _opened(self, key: str, header: Header, start: int, end: int | None) -> Iterator[bytes]:
        """Open what holds the range; errors of the neighbours come here and now."""
        secret = self.keys.find(key_name(key))
        end = header.size - 1 if end is None else min(end, header.size - 1)
        if start > end:
            if header.size:
                return iter(())
            start = 0  # an empty object has a chunk to be proven, too
        first, last = start // header.chunk, max(end, 0) // header.chunk
        pieces = self._inner.stream(key + SEALED, *header.place(first, last))
        chunks = open_chunks(header, pieces, key=secret, name=key, first=first, last=last)
        opened = chain([next(chunks)], chunks)
        return _trimmed(opened, start - first * header.chunk, end - start + 1)


def key_name(key: str) -> str:
    """Answer the name of the data key that an object is sealed with."""
    return key.removesuffix(DERIVED) + RECORD if key.endswith(DERIVED) else key


def _either(sealed: Callable[[], T], plain: Callable[[], T]) -> T:
    """Ask the sealed object, then the plain one, and again the sealed: it may just be made."""
    for ask in (sealed, plain):
        with suppress(MissingObjectError):
            return ask()
    return sealed()


def _trimmed(chunks: Iterator[bytes], skip: int, left: int) -> Iterator[bytes]:
    for chunk in chunks:
        piece = chunk[skip : skip + left]
        skip, left = 0, left - len(piece)
        if piece:
            yield piece
