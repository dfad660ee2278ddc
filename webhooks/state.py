"""What a call has come to so far, carried in our own URLs and proof against tampering.

Views that only speak write nothing down: the language, the tries and the keyed code travel with
the carrier. The token is signed for one call, so it cannot be carried to another, and a delivery
repeated counts nothing twice because it repeats the same token.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from itsdangerous import BadData, Signer

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
    """Writes states as tokens and reads them back, with the service's secret key.

    One signer serves every call, because deriving a key for each document took longer than
    signing it: the call's id is signed with the state and left out of the token.
    """

    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt="call-state")

    def write(self, state: CallState, call_id: str) -> str:
        """Answer the token; the same state of the same call is the same token."""
        body = urlsafe_b64encode(_json.encode(_facts(state)).encode()).decode()
        return self._signer.sign(f"{call_id}.{body}").decode().removeprefix(f"{call_id}.")

    def read(self, token: str | None, call_id: str) -> CallState:
        """Answer the state; one that is missing or tampered with begins anew."""
        if not token:
            return CallState()
        try:
            body = self._signer.unsign(f"{call_id}.{token}").removeprefix(f"{call_id}.".encode())
            language, *rest = json.loads(urlsafe_b64decode(body))
            return CallState(language_or_default(language), *rest)
        except (BadData, TypeError, ValueError):
            return CallState()


_facts = attrgetter(*(field.name for field in fields(CallState)))
_json = json.JSONEncoder(separators=(",", ":"))
