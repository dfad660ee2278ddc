"""The audit trail of one request, as the lines that were hashed, with the heads over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from voiceline.audit.checking import line_of
from voiceline.audit.encoding import canonical, entry_line, sha256
from voiceline.audit.signed import stored_heads
from voiceline.audit.texts import entry_texts
from voiceline.errors import UserError
from voiceline.models import AuditEntry, AuditName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from voiceline.models import PrivacyRequest


@dataclass(frozen=True)
class Trail:
    """What the trail has of a request."""

    entries: list[AuditEntry]
    lines: list[str]
    """Each entry as it was hashed."""
    heads: list[str]
    """The signed heads from the first entry on, as `voiceline audit heads` prints them."""
    names: list[str]
    """The names behind the digests that were not erased, with their salts, a line of JSON each."""
    said: dict[str, str]
    """The names by digest."""


def trail_of(session: Session, request: PrivacyRequest) -> Trail:
    """Answer the request's part of the trail; UserError where an entry does not hold."""
    entries = list(
        session.scalars(
            select(AuditEntry)
            .where(
                AuditEntry.business_id == request.business_id,
                AuditEntry.request_id == request.id,
            )
            .order_by(AuditEntry.sequence)
        )
    )
    lines = [_line(entry) for entry in entries]
    first = entries[0].sequence if entries else 0
    heads = [h for h in stored_heads(session, request.business_id) if h.sequence >= first]
    digests = {entry.actor_name for entry in entries if entry.actor_name}
    rows = session.scalars(select(AuditName).where(AuditName.digest.in_(digests))).all()
    names = [{"digest": row.digest, "name": row.name, "salt": row.salt} for row in rows]
    return Trail(
        entries,
        lines,
        [head.as_json() for head in heads],
        [canonical(name) for name in names],
        {row.digest: row.name for row in rows},
    )


def chain_between(
    engine: Engine, request: PrivacyRequest, first: int, last: int
) -> Iterator[bytes]:
    """Yield every entry of the business from one number to another, a line each.

    They are about other requests, too; but they name nobody, and hold no more than ids and words.
    """
    business = request.business_id
    for row in entry_texts(engine, business, after=first - 1, until=last):
        try:
            line = entry_line(str(business), *row[:-1])
        except (ValueError, TypeError, AttributeError):
            line = ""
        yield _held(line, row.sequence, row.entry_hash).encode() + b"\n"


def _line(entry: AuditEntry) -> str:
    try:
        line = line_of(entry)
    except (ValueError, TypeError, AttributeError):
        line = ""
    return _held(line, entry.sequence, entry.entry_hash)


def _held(line: str, sequence: int, entry_hash: str) -> str:
    if sha256(line) != entry_hash:
        raise UserError(
            f"Entry {sequence} of the audit trail is not what was written: no pack is made "
            "on it. Run `voiceline audit verify`."
        )
    return line
