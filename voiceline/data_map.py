"""What the service holds about people, and where: the answer of service code 1.

The map is data_map.toml, which names every column of every table; here it is read, asked about one
person, and put into words. Counts alone are told: nothing of any business's content is opened.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from voiceline.email_addresses import read_email
from voiceline.errors import UserError
from voiceline.models import (
    Call,
    ComplianceNote,
    PrivacyRequest,
    Requester,
    User,
    Voicemail,
)
from voiceline.models.base import Base
from voiceline.rules.phone_numbers import read_phone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

FILE = Path(__file__).with_name("data_map.toml")
NOBODY = "operation"
"""The category of what says nothing of a person."""


@dataclass(frozen=True)
class Held:
    """One table: what it is for, how long a row stays, and which columns say something of whom."""

    table: str
    category: str
    why: str
    kept: str
    personal: frozenset[str]
    other: frozenset[str]
    users: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where something lies beside the database, and with which vendor."""

    category: str
    what: str
    kept: str
    vendor: str = ""


@dataclass(frozen=True)
class DataMap:
    """The whole map; `periods` says in words what `kept` names."""

    categories: dict[str, str]
    answers: dict[str, str]
    periods: dict[str, str]
    vendors: dict[str, str]
    tables: tuple[Held, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Person:
    """Who is asked about: by an address, or by a number, in the spelling of the rows."""

    address: str | None = None
    number: str | None = None


@cache
def read_map() -> DataMap:
    """Read the map that came with this version."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    tables = tuple(_held(name, entry) for name, entry in sorted(data["tables"].items()))
    places = tuple(Place(**entry) for entry in data["places"].values())
    words = {name: data[name] for name in ("categories", "answers", "periods", "vendors")}
    return DataMap(**words, tables=tables, places=places)


def read_person(text: str) -> Person:
    """Read an e-mail address or a phone number, or raise UserError."""
    found = Person(address=read_email(text)) if "@" in text else Person(number=read_phone(text))
    if found == Person():
        raise UserError("Write an e-mail address or a phone number with its area code.")
    return found


def count_about(session: Session, person: Person) -> list[tuple[Held, int]]:
    """Count the rows that are about the person, of every business, by table; none is left out.

    The session reaches everywhere. A request is a person's by its call's number, and by what its
    requester is reached by; what belongs to such a request counts, too.
    """
    found = []
    for held in read_map().tables:
        if held.category == NOBODY:
            continue
        table = Base.metadata.tables[held.table]
        query = select(func.count()).select_from(table).where(_about(held, table, person))
        if count := session.scalar(query):
            found.append((held, count))
    return found


def write_answer(counts: list[tuple[Held, int]] | None = None) -> Iterator[str]:
    """Write, by category, what is held, why, and until when; of one person where counted."""
    found = read_map()
    numbers = None if counts is None else {held.table: count for held, count in counts}
    for category, title in found.categories.items():
        if category == NOBODY:
            continue
        yield title
        yield from _lines(found, category, numbers)
        yield ""
    yield "Vendors"
    yield from (f"  {name}: {what}" for name, what in found.vendors.items())


def _lines(found: DataMap, category: str, numbers: dict[str, int] | None) -> Iterator[str]:
    rows = [held for held in found.tables if held.category == category]
    for held in rows:
        if numbers is None:
            yield f"  {held.why}: kept {found.periods[held.kept]}"
        elif held.table in numbers:
            yield f"  {numbers[held.table]} x {held.why}: kept {found.periods[held.kept]}"
    if numbers is not None and not any(held.table in numbers for held in rows):
        yield f"  {found.answers.get(category, 'No row.')}"
    for place in found.places if numbers is None else ():
        if place.category == category:
            by = f", by {place.vendor}" if place.vendor else ""
            yield f"  {place.what}{by}: kept {found.periods[place.kept]}"
    if numbers is None and category in found.answers:
        yield f"  {found.answers[category]}"


def _about(held: Held, table: Table, person: Person) -> ColumnElement[bool]:
    """Answer the condition on a row of the table that it is about the person."""
    columns = table.columns
    clauses: list[ColumnElement[bool]] = [false()]
    if person.number is not None:
        clauses += [columns[name] == person.number for name in held.numbers]
    if person.address is not None:
        clauses += [func.lower(columns[name]) == person.address for name in held.addresses]
        users = select(User.id).where(User.email == person.address)
        clauses += [columns[name].in_(users) for name in held.users]
    for name, ids in _theirs(person).items():
        own, refers = name.removesuffix("_id"), name
        if held.table == OWN.get(own, own):
            clauses.append(columns["id"].in_(ids))
        elif refers in columns:
            clauses.append(columns[refers].in_(ids))
    return or_(*clauses)


OWN = {"request": "privacy_request", "note": "compliance_note"}
"""Tables that are called otherwise than what refers to them."""


def _theirs(person: Person) -> dict[str, Select[UUID]]:
    """Answer the ids of what is the person's, by the name of the column that refers to it."""
    asked = select(Requester.request_id).where(
        Requester.phone == person.number
        if person.number is not None
        else func.lower(Requester.email) == person.address
    )
    called = select(Call.id).where(
        Call.caller_id == person.number if person.number is not None else false()
    )
    requests = select(PrivacyRequest.id).where(
        or_(PrivacyRequest.id.in_(asked), PrivacyRequest.call_id.in_(called))
    )
    calls = select(Call.id).where(
        or_(
            Call.id.in_(called),
            Call.id.in_(select(PrivacyRequest.call_id).where(PrivacyRequest.id.in_(asked))),
        )
    )
    return {
        "request_id": requests,
        "call_id": calls,
        "voicemail_id": select(Voicemail.id).where(Voicemail.call_id.in_(calls)),
        "note_id": select(ComplianceNote.id).where(ComplianceNote.request_id.in_(requests)),
    }


def _held(name: str, entry: dict[str, Any]) -> Held:
    words = {key: entry.get(key, "").split() for key in ("users", "addresses", "numbers")}
    return Held(
        table=name,
        category=entry["category"],
        why=entry["why"],
        kept=entry["kept"],
        personal=frozenset(entry["personal"].split()),
        other=frozenset(entry["other"].split()),
        **{key: tuple(names) for key, names in words.items()},
    )
