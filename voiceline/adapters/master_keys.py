"""The master keys of the settings: the first wraps data keys, the others only unwrap."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Sequence

NONCE = 12
ID_DIGITS = 12


class SettingsMasterKey:
    """A MasterKey of 32 bytes that this process was given."""

    def __init__(self, key: bytes) -> None:
        self.id = hashlib.sha256(b"voiceline/master-key-id\0" + key).hexdigest()[:ID_DIGITS]
        self._cipher = AESGCM(key)

    def wrap(self, key: bytes, *, name: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, key, self._bound_to(name))

    def unwrap(self, wrapped: bytes, *, name: str) -> bytes:
        nonce, rest = wrapped[:NONCE], wrapped[NONCE:]
        try:
            return self._cipher.decrypt(nonce, rest, self._bound_to(name))
        except (InvalidTag, ValueError) as error:
            raise PermanentFailure("the wrapped data key is not this object's") from error

    def _bound_to(self, name: str) -> bytes:
        return f"voiceline/data-key\0{self.id}\0{name}".encode()


def settings_master_keys(listed: str) -> Sequence[SettingsMasterKey]:
    """Read keys of 64 hex digits, comma separated."""
    return [SettingsMasterKey(bytes.fromhex(word)) for word in listed.split(",") if word.strip()]
