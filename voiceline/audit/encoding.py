"""The canonical form of entries, heads and names, and their hashes: the standard library alone.

RFC 8785 (JSON Canonicalization Scheme), of which we need little: objects of strings, whole numbers,
true, false and null. docs/audit.md describes it for whoever checks without us.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
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
    business_id: str,
    sequence: int,
    at: str,
    actor_kind: str,
    actor_id: str | None,
    actor_name: str | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    request_id: str | None,
    facts: str,
    previous_hash: str,
) -> str:
    """Answer the line whose hash the entry carries, from the texts of its columns.

    Written out instead of encoded, because a check does it a hundred thousand times; the result is
    the same canonical JSON. Raises ValueError for text that would need escaping, or facts that are
    not canonical: no entry of ours has any.
    """
    words = f"{action}{actor_kind}{at}{business_id}{previous_hash}{subject_id}{subject_kind}"
    if not _is_plain(words) or not _is_canonical(facts):
        raise ValueError("an entry holds what none of ours does")
    return (
        f'{{"action":"{action}","actor":{{"id":{_quoted(actor_id)},"kind":"{actor_kind}",'
        f'"name":{_quoted(actor_name)}}},"at":"{at}","business":"{business_id}","facts":{facts},'
        f'"form":{FORM},"previous":"{previous_hash}","request":{_quoted(request_id)},'
        f'"sequence":{sequence},"subject":{{"id":"{subject_id}","kind":"{subject_kind}"}}}}'
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


def _quoted(text: str | None) -> str:
    if text is None:
        return "null"
    if not _is_plain(text):
        raise ValueError("an entry holds what none of ours does")
    return f'"{text}"'


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and '"' not in text and "\\" not in text


@lru_cache(maxsize=1024)
def _is_canonical(facts: str) -> bool:
    values = json.loads(facts)
    return isinstance(values, dict) and canonical(values) == facts
