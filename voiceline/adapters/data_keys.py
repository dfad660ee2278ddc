"""The data keys: 32 random bytes for each message, wrapped, in a store of their own.

They are no part of the database and none of the objects, so that no copy of either can be read
once the key is destroyed. It is there once, under NAME.MASTER.key, and twice only for as long as a
rotation takes. It is written once: of two makers the first one's counts. What is unwrapped is
remembered for seconds.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from voiceline.errors import (
    MissingKeyError,
    MissingObjectError,
    ObjectConflictError,
    PermanentFailure,
)
from voiceline.ports import Listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voiceline.ports import MasterKey, ObjectStore

LENGTH = 32
REMEMBERED = 5.0
"""Seconds for which a key that was destroyed elsewhere still opens here."""
MOST_REMEMBERED = 256
TYPE = "application/json"
PROBE = "probe"
EMPTY = "the key store is empty: it is not there, or another one than the keys were put into"


class DataKeys:
    """What makes, finds, wraps anew and destroys the keys of objects."""

    def __init__(
        self,
        vault: ObjectStore,
        masters: Sequence[MasterKey],
        *,
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vault = vault
        self._masters = {master.id: master for master in masters}
        self._ids = list(self._masters)
        self._prefix = prefix
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, tuple[float, bytes]] = {}

    @property
    def master_id(self) -> str:
        """Which master key wraps what is made now."""
        if not self._ids:
            raise PermanentFailure("no master key was given to this process")
        return self._ids[0]

    def knows(self, master_id: str) -> bool:
        """Tell whether that master key is at hand."""
        return master_id in self._masters

    def find(self, name: str) -> bytes:
        """Answer the key, or raise MissingKeyError where there is none (any more)."""
        key = self._remembered(name)
        return self._find_now(name) if key is None else key

    def find_or_make(self, name: str) -> bytes:
        """Answer the key, made now where there was none.

        Never a remembered one: what is written under a key that was destroyed is lost.
        """
        if len(self._ids) > 1:  # alone, the master key has one place, and the put looks there
            with suppress(MissingKeyError):
                return self._find_now(name)
        key = secrets.token_bytes(LENGTH)
        try:
            self._put(self._place(name, self.master_id), self._wrap(name, key))
        except ObjectConflictError:
            return self._find_now(name)  # somebody else was first
        return self._remember(name, key)

    def wrapped_by(self, name: str) -> str:
        """Answer the id of the master key that the key is under, or raise MissingKeyError."""
        return _master_of(self._read(name)[1])

    def rewrap(self, name: str) -> str:
        """Put the key under the first master key; answer its id.

        The new one is read back and opened before the old one goes; the clock may stop anywhere.
        """
        place, found = self._read(name)
        wanted, new = self.master_id, self._place(name, self.master_id)
        if _master_of(found) != wanted:
            key = self._unwrap(name, found)
            with suppress(ObjectConflictError):  # another rotation was first; see what it wrote
                self._put(new, self._wrap(name, key))
            if self._unwrap(name, self._vault.get(new)) != key:
                raise PermanentFailure("the key that was wrapped anew is another one")
            place = new
        for other in self._places(name):
            if other != place:
                self._vault.delete(other)
        return wanted

    def destroy(self, name: str) -> None:
        """Delete every copy of the key; one that is gone already is a success."""
        with self._lock:
            self._open.pop(name, None)
        for place in self._places(name):
            self._vault.delete(place)

    def names(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[Listed]:
        """Answer the names of the keys there are that begin so, behind that mark, in order."""
        found = self._vault.listed(self._prefix + prefix, after=after, limit=limit)
        # NAME.MASTER.key; a key that is under two master keys is named twice
        names = [each.key.removeprefix(self._prefix).rsplit(".", 2)[0] for each in found]
        return [Listed(name, each.mark) for name, each in zip(names, found, strict=True)]

    def prove(self, *, first: bool = True) -> None:
        """Open the probe, made at the very first start; raise where no key at hand opens it.

        Not `first`: where there is none, this is not the store that the keys were put into.
        """
        place = f"{self._prefix}{PROBE}.key"
        with suppress(ObjectConflictError):  # of two first starts, one makes it
            try:
                found = self._vault.get(place)
            except MissingObjectError:
                if not first:
                    raise PermanentFailure(EMPTY) from None
                self._put(place, self._wrap(PROBE, secrets.token_bytes(LENGTH)))
                return
            self._unwrap(PROBE, found)

    def rewrap_probe(self) -> None:
        """Wrap the probe anew; last, when all the others are."""
        self.prove()
        self._vault.delete(f"{self._prefix}{PROBE}.key")
        self.prove()

    def _find_now(self, name: str) -> bytes:
        return self._remember(name, self._unwrap(name, self._read(name)[1]))

    def _places(self, name: str) -> list[str]:
        """Where the key may be, in the order in which rotations move it."""
        return [self._place(name, each) for each in reversed(self._ids)]

    def _place(self, name: str, master_id: str) -> str:
        return f"{self._prefix}{name}.{master_id}.key"

    def _read(self, name: str) -> tuple[str, bytes]:
        for place in self._places(name):
            with suppress(MissingObjectError):
                return place, self._vault.get(place)
        raise MissingKeyError("the key of this object was destroyed, or never made")

    def _put(self, place: str, wrapped: bytes) -> None:
        self._vault.put(place, wrapped, content_type=TYPE, tags={})

    def _wrap(self, name: str, key: bytes) -> bytes:
        wrapped = self._masters[self.master_id].wrap(key, name=name)
        text = base64.b64encode(wrapped).decode()
        return json.dumps({"master": self.master_id, "version": 1, "wrapped": text}).encode()

    def _unwrap(self, name: str, data: bytes) -> bytes:
        master = self._masters.get(_master_of(data))
        if master is None:
            raise PermanentFailure(f"the master key {_master_of(data)} is not among those given")
        return master.unwrap(base64.b64decode(json.loads(data)["wrapped"]), name=name)

    def _remembered(self, name: str) -> bytes | None:
        with self._lock:
            until, key = self._open.get(name, (0.0, b""))
            return key if self._clock() < until else None

    def _remember(self, name: str, key: bytes) -> bytes:
        with self._lock:
            now = self._clock()
            self._open = {n: each for n, each in self._open.items() if each[0] > now}
            if len(self._open) < MOST_REMEMBERED:
                self._open[name] = now + REMEMBERED, key
        return key


def _master_of(data: bytes) -> str:
    try:
        found = json.loads(data)
        if found["version"] != 1:
            raise PermanentFailure("the wrapped data key is of a version that is not known here")
        return str(found["master"])
    except (ValueError, KeyError, TypeError) as error:
        raise PermanentFailure("the wrapped data key is damaged") from error
