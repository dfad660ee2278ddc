"""The canonical form of entries, heads and names, and their hashes: the standard library alone.

RFC 8785 (JSON Canonicalization Scheme), of which we need little: objects of strings, whole numbers,
true, false and null. docs/audit.md describes it for whoever checks without us.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

FORM = 1
"""Of the canonical form, in every line: another form would have another number."""

ZEROS = "0" * 64
"""Stands where the hash of an entry before the first would be."""

_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical(values: Mapping[str, Any]) -> str:
    """Answer the values as canonical JSON."""
    return _encode(values)


def sha256(line: str) -> str:
    """Answer the SHA-256 of the line in UTF-8, as 64 hex digits."""
    return hashlib.sha256(line.encode()).hexdigest()


def moment(at: datetime) -> str:
    """Answer the moment in UTC to the microsecond: 2026-11-21T18:00:00.000000Z."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def entry_line(
    *,
    business_id: UUID,
    sequence: int,
    previous_hash: str,
    at: datetime,
    actor: tuple[str, UUID | None, str | None],
    action: str,
    subject: tuple[str, UUID],
    request_id: UUID | None,
    facts: Mapping[str, Any],
) -> str:
    """Answer the line whose hash the entry carries; actor is (kind, id, digest of the name)."""
    kind, actor_id, name = actor
    return _encode(
        {
            "action": action,
            "actor": {"id": actor_id and str(actor_id), "kind": kind, "name": name},
            "at": moment(at),
            "business": str(business_id),
            "facts": facts,
            "form": FORM,
            "previous": previous_hash,
            "request": request_id and str(request_id),
            "sequence": sequence,
            "subject": {"id": str(subject[1]), "kind": subject[0]},
        }
    )


def head_line(*, business_id: UUID, day: date, sequence: int, entry_hash: str) -> str:
    """Answer the line a day's signature is made over."""
    return _encode(
        {
            "business": str(business_id),
            "day": day.isoformat(),
            "form": FORM,
            "hash": entry_hash,
            "sequence": sequence,
        }
    )


def name_digest(salt: str, name: str) -> str:
    """Answer the digest that stands for a name."""
    return sha256(f"{salt}\n{name}")
