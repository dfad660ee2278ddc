"""The log of 11 CCR 7101 as a page, and as files that are written while they are sent."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from voiceline import audit, record_files
from voiceline.audit import Action, Deed
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.records import newest_records, place_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

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
    """Send the whole log as CSV."""
    return _send(business_id, "csv", "text/csv")


@blueprint.get("/records.json")
def send_json(business_id: UUID) -> ResponseReturnValue:
    """Send the whole log as JSON."""
    return _send(business_id, "json", "application/json")


def _send(business_id: UUID, form: str, mimetype: str) -> ResponseReturnValue:
    """Write into the audit trail who takes the log away, then send it piece by piece."""
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
        log = record_files.whole_log(services().sessions, business_id)
        response = Response(record_files.FILES[form](log), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="requests.{form}"'
    return response


def _after() -> Place | None:
    day, _, last = request.args.get("after", "").partition(".")
    try:
        return date.fromisoformat(day), UUID(last)
    except ValueError:
        return None
