"""The keys that heads are signed with: Ed25519, from 64 hex digits that are kept secret."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

ID_DIGITS = 16


@dataclass(frozen=True)
class SigningKey:
    """What signs; `seed` is 64 hex digits, as `openssl rand -hex 32` makes them."""

    seed: str = field(repr=False)

    @property
    def public(self) -> str:
        """The public key, 64 hex digits."""
        return self._private.public_key().public_bytes_raw().hex()

    @property
    def id(self) -> str:
        """What a head calls the key."""
        return key_id(self.public)

    def sign(self, line: str) -> str:
        """Answer the signature over the line in UTF-8, 128 hex digits."""
        return self._private.sign(line.encode()).hex()

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.seed))


@dataclass(frozen=True)
class KeyRing:
    """The public keys whose signatures count, by id."""

    keys: dict[str, str]

    def knows(self, key: str) -> bool:
        """Tell whether the id is one of ours."""
        return key in self.keys

    def is_true(self, key: str, line: str, signature: str) -> bool:
        """Tell whether the signature over the line was made with the key of that id."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.keys[key]))
            public.verify(bytes.fromhex(signature), line.encode())
        except (InvalidSignature, KeyError, ValueError):
            return False
        return True


def key_ring(signing: SigningKey, former: Iterable[str] = ()) -> KeyRing:
    """Answer the ring of the present key and of those that signed before it (public, hex)."""
    return KeyRing({key_id(public): public for public in (*former, signing.public)})


def key_id(public: str) -> str:
    """Answer the first 16 hex digits of the SHA-256 of a public key's 32 bytes."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:ID_DIGITS]


def as_pem(public: str) -> str:
    """Answer the public key as OpenSSL and other tools read it."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
