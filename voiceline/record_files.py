"""The log as files: CSV that no spreadsheet takes for formulas, and JSON.

Both are written while they are sent; neither is ever in memory as a whole.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from voiceline.reach import bind
from voiceline.records import oldest_records, place_of
from voiceline.rules.metrics import NOT_NAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import Session

    from voiceline.models import RequestRecord
from voiceline.records import Place

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")

COLUMNS: dict[str, Callable[[RequestRecord], Any]] = {
    "reference": lambda it: it.reference,
    "asked_of": lambda it: it.asked_of,
    "service_code": lambda it: it.service_code,
    "date_of_request": lambda it: _written(it.received_on),
    "received_at": lambda it: it.received_at.isoformat(),
    "time_zone": lambda it: it.time_zone,
    "nature_of_request": lambda it: it.right.value if it.right else NOT_NAMED,
    "manner": lambda it: it.channel.value,
    "language": lambda it: it.language,
    "law": lambda it: it.jurisdiction,
    "residence_known_from": lambda it: it.residence_source and it.residence_source.value,
    "asked_for": lambda it: it.standing and it.standing.value,
    "acknowledged_on": lambda it: _written(it.acknowledged_on),
    "acknowledged_how": lambda it: it.acknowledged_how,
    "due_by": lambda it: _written(it.due_by),
    "rule": lambda it: it.rule,
    "extension_told_on": lambda it: _written(it.extended_told_on),
    "status": lambda it: it.status.value,
    "date_of_response": lambda it: _written(it.answered_on),
    "nature_of_response": lambda it: it.outcome.value,
    "basis_of_denial": lambda it: it.basis,
    "keep_until": lambda it: _written(it.keep_until),
}
"""What 11 CCR 7101(b) asks for, by its words, and what shows that it was done in time."""


def whole_log(sessions: Callable[[], Session], business_id: UUID) -> Iterator[RequestRecord]:
    """Read the log a piece at a time: no transaction is open while a slow reader takes it."""
    after: Place | None = None
    while True:
        with bind(sessions(), business_id) as session:
            piece = oldest_records(session, business_id, after=after)
        if not piece:
            return
        yield from piece
        after = place_of(piece[-1])


def csv_file(records: Iterable[RequestRecord]) -> Iterator[str]:
    """Write a CSV file; its byte order mark lets spreadsheets read the accents."""
    yield "\ufeff" + csv_head()
    yield from csv_lines(records)


def json_file(records: Iterable[RequestRecord]) -> Iterator[str]:
    """Write a JSON file, a record a line."""
    yield '{"rule": "11 CCR 7101", "records": ['
    for number, line in enumerate(json_objects(records)):
        yield f"{',' if number else ''}\n{line}"
    yield "\n]}\n"


def csv_head() -> str:
    """Answer the first line of a CSV file."""
    return csv_line(COLUMNS)


def csv_lines(records: Iterable[RequestRecord]) -> Iterator[str]:
    """Write each record as a line of CSV (RFC 4180)."""
    for record in records:
        yield csv_line(_cell(read(record)) for read in COLUMNS.values())


def json_objects(records: Iterable[RequestRecord]) -> Iterator[str]:
    """Write each record as an object of JSON."""
    for record in records:
        yield json.dumps({name: read(record) for name, read in COLUMNS.items()})


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(" ".join((one["code"], one["citation"])).strip() for one in value)
    return "" if value is None else str(value)


def csv_line(cells: Iterable[str]) -> str:
    """Write a line; what a spreadsheet would run is made a text by an apostrophe."""
    out = io.StringIO()
    safe = (f"'{cell}" if cell.startswith(_STARTS_FORMULA) else cell for cell in cells)
    csv.writer(out).writerow(safe)
    return out.getvalue()


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


FILES: dict[str, Callable[[Iterable[RequestRecord]], Iterator[str]]] = {
    "csv": csv_file,
    "json": json_file,
}
"""Each form of the log and who writes it."""
