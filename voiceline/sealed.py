"""Small secrets at rest: sealed with AES-256-GCM under keys of the installation's secret.

Each purpose has a key of its own (HKDF-SHA-256) and is bound into the seal, so that what was sealed
as one thing never opens as another. What a former secret sealed opens as long as that one is given.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voiceline.errors import PermanentFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = b"\x01"
NONCE = 12
"""Bytes (NIST SP 800-38D, 8.2)."""


@dataclass(frozen=True)
class Sealer:
    """Seals and opens with the secrets of one installation."""

    secret: str
    former: str = ""
    """The secret before the last change; empty: there was none."""

    def seal(self, text: str, *, purpose: str) -> bytes:
        """Answer the text sealed for the purpose."""
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(_key(self.secret, purpose)).encrypt(nonce, text.encode(), purpose.encode())
        return VERSION + nonce + sealed

    def open(self, sealed: bytes, *, purpose: str) -> str:
        """Answer the text, or raise PermanentFailure where no secret at hand opens it."""
        nonce, rest = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        for key in self._keys(purpose):
            try:
                return AESGCM(key).decrypt(nonce, rest, purpose.encode()).decode()
            except InvalidTag:
                continue
        raise PermanentFailure(f"what was sealed as {purpose} does not open with this secret key")

    def _keys(self, purpose: str) -> Iterator[bytes]:
        return (_key(secret, purpose) for secret in (self.secret, self.former) if secret)


def _key(secret: str, purpose: str) -> bytes:
    kdf = HKDF(SHA256(), 32, salt=None, info=f"voiceline/{purpose}".encode())
    return kdf.derive(secret.encode())
