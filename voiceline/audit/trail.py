"""Appending to the trail: two statements in the transaction of the deed that is proven.

The first locks the chain's head, so that two writers follow one another; the second appends all the
deeds, in their order. The database moves the head by itself, and refuses an entry
that does not follow it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import exists, insert, select

from voiceline import reach
from voiceline.audit.encoding import canonical, entry_line, moment, name_digest, sha256
from voiceline.database import insert_once
from voiceline.models import AuditChain, AuditEntry, AuditName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select, Table
    from sqlalchemy.orm import Session

    from voiceline.audit.actors import Actor
    from voiceline.audit.deeds import Deed

_ENTRIES = cast("Table", AuditEntry.__table__)

SITTING = timedelta(minutes=5)
"""What a person does again to the same thing within this long is one sitting, and one entry."""


def write(session: Session, deed: Deed, *others: Deed) -> int:
    """Append the deed to its business's trail, and others of the same business behind it.

    Answers the last one's sequence number. Call it last in the transaction: from here to the
    commit nobody else of the business writes. Raises ValueError for a business that has no chain,
    because there is no such business.
    """
    if any(other.business_id != deed.business_id for other in others):
        raise ValueError("deeds of two businesses are entries of two chains")
    with reach.within(session, deed.business_id):
        return _append(session, (deed, *others), _lock(session, deed))


def write_each(session: Session, *deeds: Deed) -> None:
    """Append one deed to each of several businesses' trails.

    Always in the order of their ids: two who write to the same trails cannot wait for each other.
    """
    for deed in sorted(deeds, key=lambda deed: deed.business_id):
        write(session, deed)


def write_once(session: Session, deed: Deed, *, within: timedelta = SITTING) -> bool:
    """Append the deed unless the same person did the same to the same thing so lately.

    Answers whether it was appended. A player asks for one message in many pieces, some at the same
    moment: who finds, holding the chain, that somebody wrote meanwhile looks again.
    """
    with reach.within(session, deed.business_id):
        seen, written = _look(session, deed, within)
        if written:
            return False
        head = _lock(session, deed)
        if head.sequence != seen and _look(session, deed, within)[1]:
            return False
        _append(session, (deed,), head)
        return True


def keep_name(session: Session, actor: Actor) -> str | None:
    """Keep the name as it is now, and answer the digest that entries know it by."""
    if actor.name is None or actor.id is None:
        return None
    salt = secrets.token_hex(32)
    digest = name_digest(salt, actor.name)
    session.execute(
        insert_once(session, AuditName).values(
            digest=digest, user_id=actor.id, name=actor.name, salt=salt
        )
    )
    return session.scalar(_digest_of(actor))


class _Head(NamedTuple):
    """The newest entry's number and hash, and the digest of the actor's name, if it is known."""

    sequence: int
    entry_hash: str
    name: str | None


def _lock(session: Session, deed: Deed) -> _Head:
    digest = _digest_of(deed.by).scalar_subquery()
    head = session.execute(
        select(AuditChain.sequence, AuditChain.entry_hash, digest)
        .where(AuditChain.business_id == deed.business_id)
        .with_for_update(of=AuditChain)
    ).one_or_none()
    if head is None:
        raise ValueError("there is no such business, and no chain")
    return _Head(*head)


def _append(session: Session, deeds: Sequence[Deed], head: _Head) -> int:
    """Append the deeds behind the head; answer the last one's sequence number."""
    names, rows = {deeds[0].by: head.name}, []
    sequence, previous = head.sequence, head.entry_hash
    for sequence, deed in enumerate(deeds, head.sequence + 1):
        name = names.get(deed.by) or keep_name(session, deed.by)
        names[deed.by] = name
        rows.append(row := _row(deed, sequence, name, previous))
        previous = row["entry_hash"]
    # One statement of many rows, never one statement many times: psycopg sends the latter as a
    # pipeline, after which PostgreSQL does not end the transaction of a process that hangs. With
    # "returning" it is compiled once, and not anew for each row.
    session.execute(insert(_ENTRIES).returning(_ENTRIES.c.sequence), rows)
    return sequence


def _row(deed: Deed, sequence: int, name: str | None, previous: str) -> dict[str, Any]:
    """Answer the entry's columns; its hash is over its line, which holds the hash before it."""
    by, subject, facts = deed.by, deed.subject, canonical(deed.facts)
    line = entry_line(
        business_id=str(deed.business_id),
        sequence=sequence,
        at=moment(deed.at),
        actor_kind=by.kind.value,
        actor_id=str(by.id) if by.id else None,
        actor_name=name,
        action=deed.action.value,
        subject_kind=subject.kind,
        subject_id=str(subject.id),
        request_id=str(subject.request_id) if subject.request_id else None,
        facts=facts,
        previous_hash=previous,
    )
    return {
        "business_id": deed.business_id,
        "sequence": sequence,
        "at": deed.at,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_name": name,
        "action": deed.action.value,
        "subject_kind": subject.kind,
        "subject_id": subject.id,
        "request_id": subject.request_id,
        "facts": facts,
        "previous_hash": previous,
        "entry_hash": sha256(line),
    }


def _digest_of(actor: Actor) -> Select[str]:
    return select(AuditName.digest).where(
        AuditName.user_id == actor.id, AuditName.name == actor.name
    )


def _look(session: Session, deed: Deed, within: timedelta) -> tuple[int, bool]:
    """Answer where the chain stands, and whether the same was written so lately."""
    lately = exists().where(
        AuditEntry.business_id == deed.business_id,
        AuditEntry.subject_id == deed.subject.id,
        AuditEntry.action == deed.action.value,
        AuditEntry.actor_id == deed.by.id,
        AuditEntry.at > deed.at - within,
    )
    query = select(AuditChain.sequence, lately).where(AuditChain.business_id == deed.business_id)
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else (0, False)
