"""The log of 11 CCR 7101 as a page, and as files that are written while they are sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from voiceline import audit, record_files
from voiceline.audit import Action, Deed
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.gate import check_may_act
from voiceline.records import newest_records, oldest_records, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import RequestRecord
    from voiceline.records import Place

blueprint = Blueprint("records", __name__, url_prefix="/businesses/<uuid:business_id>")

ROWS = 50


@blueprint.get("/records")
def show_records(business_id: UUID) -> ResponseReturnValue:
    """Show one page of the log, what came last first; what is no page shows its beginning."""
    with transaction() as session:
        found = newest_records(session, business_id, after=_after(), limit=ROWS + 1)
    shown = found[:ROWS]
    day, last = place_of(shown[-1]) if len(found) > ROWS else (None, None)
    return render_template(
        "records.html",
        records=shown,
        next_page=f"{day}.{last}" if last else None,
        later_page="after" in request.args,
    )


@blueprint.get("/records.csv")
def send_csv(business_id: UUID) -> ResponseReturnValue:
    """Send the whole log as CSV; a byte order mark lets spreadsheets read the accents."""

    def written(records: Iterator[RequestRecord]) -> Iterator[str]:
        yield "\ufeff" + record_files.csv_head()
        yield from record_files.csv_lines(records)

    return _send(business_id, "csv", "text/csv", written)


@blueprint.get("/records.json")
def send_json(business_id: UUID) -> ResponseReturnValue:
    """Send the whole log as JSON, a record a line."""

    def written(records: Iterator[RequestRecord]) -> Iterator[str]:
        yield '{"rule": "11 CCR 7101", "records": ['
        for number, line in enumerate(record_files.json_objects(records)):
            yield f"{',' if number else ''}\n{line}"
        yield "\n]}\n"

    return _send(business_id, "json", "application/json", written)


def _send(
    business_id: UUID,
    form: str,
    mimetype: str,
    written: Callable[[Iterator[RequestRecord]], Iterator[str]],
) -> ResponseReturnValue:
    """Write into the audit trail who takes the log away, then send it piece by piece."""
    check_may_act()
    response = Response(mimetype=mimetype)
    if request.method != "HEAD":
        deed = Deed(
            business_id,
            Action.RECORDS_EXPORTED,
            audit.staff(user()),
            now(),
            audit.about(business()),
            {"form": form},
        )
        with transaction() as session:
            audit.write(session, deed)
        response = Response(written(_all(services().sessions, business_id)), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="requests.{form}"'
    return response


def _all(sessions: Callable[[], Session], business_id: UUID) -> Iterator[RequestRecord]:
    """Read the log a piece at a time: no transaction is open while a slow reader takes it."""
    after: Place | None = None
    while True:
        with sessions() as session:
            piece = oldest_records(session, business_id, after=after)
        if not piece:
            return
        yield from piece
        after = place_of(piece[-1])


def _after() -> Place | None:
    day, _, last = request.args.get("after", "").partition(".")
    try:
        return date.fromisoformat(day), UUID(last)
    except ValueError:
        return None
