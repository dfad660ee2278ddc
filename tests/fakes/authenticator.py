"""A security key made of `cryptography`: signs what a browser would have it sign, or lies."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One key for one site."""

    host: str = "localhost"
    origin: str = "http://localhost:5081"
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    handle: bytes | None = None
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: str) -> str:
        """Answer a request to make a key."""
        asked = json.loads(options)
        self.handle = unpacked(asked["user"]["id"])
        client = self._client("webauthn.create", asked["challenge"])
        attested = bytes(16) + struct.pack("!H", len(self.credential_id)) + self.credential_id
        data = self._data(ATTESTED) + attested + self._public_key()
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(clientDataJSON=client, attestationObject=statement)

    def get(self, options: str, **lies: Any) -> str:
        """Answer a request to sign; a lie replaces a part of what is said."""
        asked = json.loads(options)
        self.count += 1
        client = self._client("webauthn.get", lies.get("challenge", asked["challenge"]))
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        handle = lies.get("handle", self.handle)
        return self._answer(**parts, **({"userHandle": handle} if handle else {}))

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said | {"crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | flags]) + struct.pack("!I", self.count)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, **parts: bytes) -> str:
        said = packed(self.credential_id)
        response = {name: packed(value) for name, value in parts.items()}
        return json.dumps({"id": said, "rawId": said, "type": "public-key", "response": response})


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
