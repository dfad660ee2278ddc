"""What a call has come to so far, carried in our own URLs and proof against tampering.

Views that only speak write nothing down: the language, the tries and the keyed code travel with
the carrier. The token is signed for one call, so it cannot be carried to another, and a delivery
repeated counts nothing twice because it repeats the same token.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, NamedTuple

from webhooks.prompts import language_or_default

if TYPE_CHECKING:
    from typing import Any, Self

MOST_STEPS = 60
"""Documents spoken in one call; more is a loop, not a caller (twilio.md case 57)."""


class CallState(NamedTuple):
    """The state of one call between two of its documents."""

    language: str = "en"
    step: int = 0
    """Documents answered so far."""
    tries: int = 0
    """Wrong or missing answers at the current prompt."""
    code: str | None = None
    take: int = 1
    right: str | None = None
    number: str | None = None
    """Our number that was called, where nobody could look up whose it is."""

    def having(self, **changes: Any) -> Self:
        """Answer the state with these facts changed."""
        return self._replace(**changes)


class StateSeal:
    """Writes states as tokens and reads them back, with the service's secret key.

    A token is the facts and a keyed BLAKE2b over the call's id and the facts. Every document has
    one: itsdangerous derives a key and tries to compress each time, and was a fifth of an answer.
    """

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"call-state\0" + secret_key.encode()).digest()

    def write(self, state: CallState, call_id: str) -> str:
        """Answer the token; the same state of the same call is the same token."""
        facts = urlsafe_b64encode(_json.encode(state).encode())
        return (facts + b"." + self._mark(facts, call_id)).decode()

    def read(self, token: str | None, call_id: str) -> CallState:
        """Answer the state; one that is missing or tampered with begins anew."""
        try:
            facts, _, mark = (token or "").encode("ascii").partition(b".")
            if not hmac.compare_digest(mark, self._mark(facts, call_id)):
                return CallState()
            language, *rest = json.loads(urlsafe_b64decode(facts))
            return CallState(language_or_default(language), *rest)
        except (TypeError, ValueError):
            return CallState()

    def _mark(self, facts: bytes, call_id: str) -> bytes:
        signed = call_id.encode() + b"." + facts
        return urlsafe_b64encode(hashlib.blake2b(signed, key=self._key, digest_size=30).digest())


_json = json.JSONEncoder(separators=(",", ":"))
