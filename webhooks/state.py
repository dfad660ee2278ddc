"""What a call has come to so far, carried in our own URLs and proof against tampering.

Views that only speak write nothing down: the language, the tries and the keyed code travel with
the carrier. The token is signed for one call, so it cannot be carried to another, and a delivery
repeated counts nothing twice because it repeats the same token.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeSerializer

from webhooks.prompts import language_or_default

if TYPE_CHECKING:
    from typing import Any, Self

MOST_STEPS = 60
"""Documents spoken in one call; more is a loop, not a caller (twilio.md case 57)."""


@dataclass(frozen=True)
class CallState:
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
        return replace(self, **changes)


class StateSeal:
    """Writes states as tokens and reads them back, with the service's secret key."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key

    def write(self, state: CallState, call_id: str) -> str:
        """Answer the token; the same state of the same call is the same token."""
        return str(self._serializer(call_id).dumps(astuple(state)))

    def read(self, token: str | None, call_id: str) -> CallState:
        """Answer the state; one that is missing or tampered with begins anew."""
        if not token:
            return CallState()
        try:
            language, *rest = self._serializer(call_id).loads(token)
            return CallState(language_or_default(language), *rest)
        except (BadData, TypeError, ValueError):
            return CallState()

    def _serializer(self, call_id: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._secret_key, salt=f"call-state/{call_id}")
