"""The verbs of the line's numbers: which there are, where their calls go, when they last rang.

A job asks the carrier and writes down what it said; whoever wants to know now owes it a look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from voiceline.database import insert_once
from voiceline.models import Business, Call, NumberLook, ServiceCode
from voiceline.reach import across

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

EVERY = timedelta(hours=6)
AT_ONCE = 20
"""Numbers that one run of the job asks the carrier about."""

MOST_LISTED = 200
LONGEST_PROBLEM = 200


@dataclass(frozen=True)
class Number:
    """One number of the line."""

    number: str
    code: ServiceCode | None
    """Whose it is alone; None where callers key a code."""
    look: NumberLook | None
    rang_at: datetime | None
    """When a caller last left something, or reached a greeting, by it."""


def numbers_of(session: Session, shared: Sequence[str]) -> list[Number]:
    """Answer the shared numbers and those of one business alone, with the last look at each."""
    with across(session):
        codes = session.scalars(
            select(ServiceCode)
            .where(ServiceCode.dedicated_number.is_not(None), ServiceCode.withdrawn_at.is_(None))
            .options(joinedload(ServiceCode.business))
            .order_by(ServiceCode.dedicated_number)
            .limit(MOST_LISTED)
        ).all()
        owners = {code.dedicated_number or "": code for code in codes}
        every = [*shared, *(each for each in owners if each not in shared)]
        looks = session.scalars(select(NumberLook).where(NumberLook.number.in_(every)))
        looked = {look.number: look for look in looks}
        rang = last_calls(session, every)
    return [Number(n, owners.get(n), looked.get(n), rang.get(n)) for n in every]


def last_calls(session: Session, numbers: Sequence[str]) -> dict[str, datetime]:
    """Answer when somebody last called each number, canaries aside; one statement."""
    if not numbers:
        return {}
    columns = [
        select(Call.started_at)
        .join(Business, Business.id == Call.business_id)
        .where(Call.to_number == number, Business.is_canary.is_(False))
        .order_by(Call.started_at.desc())
        .limit(1)
        .scalar_subquery()
        for number in numbers
    ]
    with across(session):
        row = session.execute(select(*columns)).one()
    return {number: at for number, at in zip(numbers, row, strict=True) if at is not None}


def ask_to_look(session: Session, numbers: Sequence[str], *, at: datetime) -> None:
    """Owe a look at each of them; asking twice is asking once."""
    for number in numbers:
        session.execute(insert_once(session, NumberLook).values(number=number))
    session.execute(
        update(NumberLook)
        .where(NumberLook.number.in_(numbers), NumberLook.asked_at.is_(None))
        .values(asked_at=at)
    )


def due_looks(session: Session, shared: Sequence[str], *, at: datetime) -> list[str]:
    """Answer numbers that a look is owed at: those somebody asked for, then the oldest looks."""
    found = numbers_due(session, shared)
    due = [
        (look.asked_at is None, look.looked_at, number)
        for number, look in found
        if look is not None
        and (look.asked_at or look.looked_at is None or look.looked_at <= at - EVERY)
    ]
    new = [number for number, look in found if look is None]
    ordered = sorted(due, key=lambda each: (each[0], each[1] or at - 10 * EVERY))
    return [*(number for *_, number in ordered), *new][:AT_ONCE]


def numbers_due(session: Session, shared: Sequence[str]) -> list[tuple[str, NumberLook | None]]:
    """Answer every number of the line with its look."""
    own = select(ServiceCode.dedicated_number).where(
        ServiceCode.dedicated_number.is_not(None), ServiceCode.withdrawn_at.is_(None)
    )
    every = dict.fromkeys([*shared, *(number or "" for number in session.scalars(own))])
    looks = {look.number: look for look in session.scalars(select(NumberLook))}
    return [(number, looks.get(number)) for number in every]


def keep_look(
    session: Session,
    number: str,
    *,
    differing: Sequence[str] | None,
    problem: str | None,
    at: datetime,
) -> None:
    """Write down what the carrier said, or why it did not; the look is owed no more."""
    session.execute(insert_once(session, NumberLook).values(number=number))
    look = session.scalars(
        select(NumberLook).where(NumberLook.number == number).with_for_update()
    ).one()
    look.looked_at, look.asked_at = at, None
    look.differing = list(differing) if differing is not None else None
    look.problem = problem[:LONGEST_PROBLEM] if problem else None
