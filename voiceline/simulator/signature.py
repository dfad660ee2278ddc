"""How the carrier signs its requests; written from the contract, not from the verifier."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Pair = tuple[str, str]


@dataclass(frozen=True)
class SharedKey:
    """A key of the newer scheme: HMAC_SHA256 under a named key instead of the auth token."""

    key_id: str
    secret: str


@dataclass(frozen=True)
class Signer:
    """What signs a request: the auth token (SHA1), or a shared key (SHA256) if there is one."""

    auth_token: str
    shared_key: SharedKey | None = None

    def headers(self, url: str, pairs: Iterable[Pair]) -> dict[str, str]:
        """Answer the headers for a form POST of `pairs`; a GET signs its URL and no pairs."""
        text = signed_text(url, pairs)
        if self.shared_key is None:
            return {"X-Twilio-Signature": _mac(self.auth_token, text, "sha1")}
        settings = f"key={self.shared_key.key_id},algorithm=HMAC_SHA256"
        return {
            "X-Twilio-Signature": _mac(self.shared_key.secret, text, "sha256"),
            "X-Twilio-Webhooks-Signature-Settings": settings,
        }


def signed_text(url: str, pairs: Iterable[Pair]) -> str:
    """Answer the URL followed by each key, sorted, with each of its different values, sorted."""
    return url + "".join(key + value for key, value in sorted(set(pairs)))


def _mac(secret: str, text: str, digest: str) -> str:
    mac = hmac.new(secret.encode(), text.encode(), getattr(hashlib, digest))
    return base64.b64encode(mac.digest()).decode()
