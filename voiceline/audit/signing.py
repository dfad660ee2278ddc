"""Signing the heads of the chains, once a day each, and never the head of a chain that is broken.

Each time only what came since the head before is followed, so the work is that of the day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from voiceline.audit.checking import Fault, Place, Report, Wrong, check_chain
from voiceline.audit.encoding import head_line
from voiceline.audit.signed import stored_heads
from voiceline.database import insert_once
from voiceline.models import AuditChain, AuditHead

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy import Engine

    from voiceline.audit.keys import KeyRing, SigningKey

BATCH = 500
NOBODY = UUID(int=0)


@dataclass
class Round:
    """What one round of signing came to."""

    signed: int = 0
    broken: dict[UUID, Fault] = field(default_factory=dict)
    """Businesses whose chain does not hold: their heads are left unsigned."""


def sign_heads(engine: Engine, key: SigningKey, ring: KeyRing, day: date) -> Round:
    """Sign every head that moved since it was last signed and has none of this day (UTC).

    Of two rounds at once, the first to write a head counts.
    """
    done = Round()
    for business_id in _unsigned(engine, day):
        report = _follow(engine, business_id, ring)
        if report.fault is not None:
            done.broken[business_id] = report.fault
            continue
        _keep(engine, business_id, key, day, report.end)
        done.signed += 1
    return done


def _unsigned(engine: Engine, day: date) -> Iterator[UUID]:
    settled = exists().where(
        AuditHead.business_id == AuditChain.business_id,
        or_(
            AuditHead.day == day,
            and_(
                AuditHead.sequence == AuditChain.sequence,
                AuditHead.entry_hash == AuditChain.entry_hash,
            ),
        ),
    )
    query = select(AuditChain.business_id).where(AuditChain.sequence > 0, ~settled)
    after = NOBODY
    while True:
        page = query.where(AuditChain.business_id > after).order_by(AuditChain.business_id)
        with Session(engine) as session:
            found = session.scalars(page.limit(BATCH)).all()
        if not found:
            return
        yield from found
        after = found[-1]


def _follow(engine: Engine, business_id: UUID, ring: KeyRing) -> Report:
    """Follow the chain from the last head that was signed with a key of ours."""
    with Session(engine) as session:
        heads = stored_heads(session, business_id)
    if not heads:
        return check_chain(engine, business_id, ring)
    last = heads[-1]
    place = Place(last.sequence, last.entry_hash)
    if not ring.is_true(last.key_id, last.line, last.signature):
        words = f"the signature of {last.day} is false, or its key not ours"
        return Report(place, 0, Fault(last.sequence, Wrong.HEAD, words))
    return check_chain(engine, business_id, ring, since=place)


def _keep(engine: Engine, business_id: UUID, key: SigningKey, day: date, end: Place) -> None:
    line = head_line(
        business_id=business_id, day=day, sequence=end.sequence, entry_hash=end.entry_hash
    )
    with Session(engine) as session, session.begin():
        session.execute(
            insert_once(session, AuditHead).values(
                business_id=business_id,
                day=day,
                sequence=end.sequence,
                entry_hash=end.entry_hash,
                key_id=key.id,
                signature=key.sign(line),
            )
        )
