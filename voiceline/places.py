"""Where a page of a list ended, as a word for an address that nobody can make but we."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from voiceline.errors import UserError


@dataclass(frozen=True)
class Place:
    """Where a page ended: the key of the last row that was looked at, and the run it was in."""

    run: int
    watch_by: date | None
    """None in runs by the time of receipt."""
    received_at: datetime
    id: UUID


def seal_place(place: Place, *, about: str, secret: str) -> str:
    """Write a place as a word for an address; it opens only with the same `about` and secret."""
    day = place.watch_by.isoformat() if place.watch_by else None
    facts = [place.run, day, place.received_at.isoformat(), place.id.hex]
    body = json.dumps(facts, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mark(body, about, secret) + body).decode().rstrip("=")


def open_place(text: str, *, about: str, secret: str) -> Place:
    """Read a place back, or raise UserError when anybody changed a character of it."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        sealed = b""
    mark, body = sealed[:16], sealed[16:]
    if not hmac.compare_digest(mark, _mark(body, about, secret)):
        raise UserError("This is not a page of this list: start again at its beginning.")
    run, day, received_at, id_ = json.loads(body)
    watch_by = date.fromisoformat(day) if day else None
    return Place(run, watch_by, datetime.fromisoformat(received_at), UUID(id_))


def _mark(body: bytes, about: str, secret: str) -> bytes:
    message = b"inbox\0" + about.encode(errors="replace") + b"\0" + body
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:16]
