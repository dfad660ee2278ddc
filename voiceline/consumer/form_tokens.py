"""The number of one form that was shown: it makes sending twice one request.

It is signed, so that only forms we made are taken, and it travels in the form: no cookie is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LASTS = timedelta(hours=8)
QUICKEST = timedelta(seconds=2)
"""Nobody reads and fills in a form faster."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True)
class FormToken:
    """One form: its number, and when it was shown."""

    number: str
    shown_at: datetime

    def is_stale(self, at: datetime) -> bool:
        """Tell whether the form was open for too long, or comes from the future."""
        return not -QUICKEST <= at - self.shown_at <= LASTS

    def is_quick(self, at: datetime) -> bool:
        """Tell whether it came back faster than anybody writes."""
        return at - self.shown_at < QUICKEST


def new_token(at: datetime) -> FormToken:
    """Number a form that is shown for the first time."""
    return FormToken(secrets.token_urlsafe(16), at.replace(microsecond=0))


def write_token(token: FormToken, code: str, secret: str) -> str:
    """Answer the token as the form of this service code carries it."""
    shown = int(token.shown_at.timestamp())
    return f"{token.number}.{shown}.{_sign(token.number, shown, code, secret)}"


def read_token(text: str, code: str, secret: str) -> FormToken | None:
    """Answer the token, or None where we did not make it for this code's form."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    number, shown = found[1], int(found[2])
    if not hmac.compare_digest(_sign(number, shown, code, secret), found[3]):
        return None
    return FormToken(number, datetime.fromtimestamp(shown, UTC))


def submission_key(token: FormToken, filled: Mapping[str, object], secret: str) -> str:
    """Answer what two sendings of one form have in common; corrected, it is another request."""
    message = json.dumps([token.number, filled], sort_keys=True)
    return hmac.new(secret.encode(), f"sent\0{message}".encode(), hashlib.sha256).hexdigest()


def _sign(number: str, shown: int, code: str, secret: str) -> str:
    message = f"form\0{code}\0{number}\0{shown}"
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
