"""Checking a chain from its first entry to its head, and naming the first entry that is wrong.

What is appended meanwhile is left for the next check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from voiceline.audit.encoding import ZEROS, entry_line, moment, name_digest, sha256
from voiceline.audit.signed import SignedHead, stored_heads
from voiceline.audit.texts import entry_texts
from voiceline.models import AuditChain, AuditEntry, AuditName

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from voiceline.audit.keys import KeyRing
    from voiceline.audit.texts import EntryTexts


class Wrong(StrEnum):
    """What can be wrong with an entry."""

    GAP = "gap"
    ALTERED = "altered"
    CUT = "chain cut"
    HEAD = "head signature"


@dataclass(frozen=True)
class Fault:
    """The first entry that is wrong, and how."""

    sequence: int
    wrong: Wrong
    because: str


@dataclass(frozen=True)
class Place:
    """How far a chain was followed."""

    sequence: int = 0
    entry_hash: str = ZEROS


@dataclass(frozen=True)
class Report:
    """What came of a check."""

    end: Place
    heads: int
    """How many signed heads lie on what was followed."""
    fault: Fault | None


@dataclass(frozen=True)
class _Standing:
    """What a chain is held against."""

    head: Place
    newest: int
    heads: dict[int, list[SignedHead]]
    keys: KeyRing
    false_names: dict[str, bool] = field(default_factory=dict)
    """Each digest met so far, and whether the name kept for it is another."""


def check_chain(
    engine: Engine,
    business_id: UUID,
    keys: KeyRing,
    *,
    since: Place | None = None,
    kept_heads: Iterable[SignedHead] = (),
) -> Report:
    """Follow the business's chain and report the first fault, if there is one.

    `since` is a place known to be right, from which to go on; `kept_heads` are signed heads that
    were kept elsewhere, and count like those in the database.
    """
    start = since or Place()
    with engine.connect() as connection:
        standing = _read_standing(connection, business_id, keys, kept_heads)
    if standing is None:
        return Report(start, 0, Fault(1, Wrong.CUT, "the chain has no head"))
    place, seen = start, 0
    until = standing.head.sequence
    for row in entry_texts(engine, business_id, after=start.sequence, until=until):
        fault = _fault_of(row, business_id, place, standing)
        if fault is None and row.actor_name is not None:
            fault = _fault_of_name(row, engine, standing.false_names)
        if fault is not None:
            return Report(place, seen, fault)
        place = Place(row.sequence, row.entry_hash)
        seen += len(standing.heads.get(place.sequence, ()))
    return Report(place, seen, _fault_at_end(place, standing))


def line_of(entry: AuditEntry) -> str:
    """Answer the line whose hash the entry should carry; raises ValueError where none can."""
    return entry_line(
        business_id=str(entry.business_id),
        sequence=entry.sequence,
        at=moment(entry.at),
        actor_kind=entry.actor_kind.value,
        actor_id=str(entry.actor_id) if entry.actor_id else None,
        actor_name=entry.actor_name,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=str(entry.subject_id),
        request_id=str(entry.request_id) if entry.request_id else None,
        facts=entry.facts,
        previous_hash=entry.previous_hash,
    )


def _read_standing(
    connection: Connection, business_id: UUID, keys: KeyRing, kept: Iterable[SignedHead]
) -> _Standing | None:
    # the heads first: one that is signed meanwhile would lie beyond the chain as it was read
    ours = [head for head in kept if head.business_id == business_id]
    heads: dict[int, list[SignedHead]] = {}
    for head in dict.fromkeys([*stored_heads(connection, business_id), *ours]):
        heads.setdefault(head.sequence, []).append(head)
    newest = select(func.max(AuditEntry.sequence)).where(AuditEntry.business_id == business_id)
    chain = connection.execute(
        select(AuditChain.sequence, AuditChain.entry_hash, newest.scalar_subquery()).where(
            AuditChain.business_id == business_id
        )
    ).one_or_none()
    if chain is None:
        return None
    return _Standing(Place(chain[0], chain[1]), chain[2] or 0, heads, keys)


def _fault_of(
    row: EntryTexts, business_id: UUID, place: Place, standing: _Standing
) -> Fault | None:
    expected = place.sequence + 1
    if row.sequence != expected:
        return Fault(expected, Wrong.GAP, "it is missing")
    if row.previous_hash != place.entry_hash:
        return Fault(expected, Wrong.CUT, "it does not follow the entry before it")
    try:
        right = sha256(entry_line(str(business_id), *row[:-1])) == row.entry_hash
    except (ValueError, TypeError, AttributeError):
        right = False
    if not right:
        return Fault(expected, Wrong.ALTERED, "its hash is not the hash of what it says")
    for head in standing.heads.get(expected, ()):
        if words := _complaint_about(head, row.entry_hash, standing.keys):
            return Fault(expected, Wrong.HEAD, words)
    return None


def _fault_of_name(row: EntryTexts, engine: Engine, known: dict[str, bool]) -> Fault | None:
    """Answer a fault where the name kept is another; one that was erased is none."""
    digest = row.actor_name or ""
    if digest not in known:
        query = select(AuditName.salt, AuditName.name).where(AuditName.digest == digest)
        with engine.connect() as connection:
            kept = connection.execute(query).one_or_none()
        known[digest] = kept is not None and name_digest(kept[0], kept[1]) != digest
    if not known[digest]:
        return None
    return Fault(row.sequence, Wrong.ALTERED, "the name kept for it is not the one it was")


def _complaint_about(head: SignedHead, entry_hash: str, keys: KeyRing) -> str | None:
    if not keys.knows(head.key_id):
        return f"the head of {head.day} is signed with the key {head.key_id}, which is not ours"
    if not keys.is_true(head.key_id, head.line, head.signature):
        return f"the signature of {head.day} is false"
    if head.entry_hash != entry_hash:
        return f"another entry was signed on {head.day}: this one or one before it was rewritten"
    return None


def _fault_at_end(place: Place, standing: _Standing) -> Fault | None:
    following = place.sequence + 1
    if place.sequence < standing.head.sequence:
        words = f"the chain ends before it, and its head is entry {standing.head.sequence}"
        return Fault(following, Wrong.CUT, words)
    if standing.newest > place.sequence:
        return Fault(following, Wrong.CUT, "it was added behind the head of the chain")
    if place.entry_hash != standing.head.entry_hash:
        return Fault(place.sequence, Wrong.CUT, "the head of the chain is another entry")
    later = [head for n in standing.heads if n > place.sequence for head in standing.heads[n]]
    if later:
        first = min(later, key=lambda head: head.sequence)
        words = f"the chain ends before it, and entry {first.sequence} was signed on {first.day}"
        return Fault(following, Wrong.CUT, words)
    return None
