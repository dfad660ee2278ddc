"""Taking requests away: their voicemails as one ZIP, themselves as CSV.

A page says first what will be taken; a form's POST takes it, so that nobody does by following a
link. Each archive holds a thread of this process for as long as it is sent, so few are at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template, request, url_for

from voiceline import audit, downloads
from voiceline.audit import Action, Deed
from voiceline.dashboard import choosing, looking
from voiceline.dashboard.context import business, context, now, secret, services, transaction, user
from voiceline.dashboard.error_pages import Words
from voiceline.dashboard.filtering import as_args
from voiceline.dashboard.gate import ask_to_confirm, confirmed_lately
from voiceline.dashboard.wording import local_date
from voiceline.download_files import Archive
from voiceline.downloads import Refusal
from voiceline.errors import UserError
from voiceline.lists import COVERS
from voiceline.models import PrivacyRequest
from voiceline.request_files import requests_csv

if TYPE_CHECKING:
    from collections.abc import Generator
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue

    from voiceline.downloads import Conditions

blueprint = Blueprint(
    "downloads", __name__, url_prefix="/businesses/<uuid:business_id>/requests/downloads"
)

MOST_AT_ONCE = 3
"""Archives a process sends at the same time: of its 12 threads the others serve pages."""

_lines = BoundedSemaphore(MOST_AT_ONCE)

FULL = Words(
    "Too many archives are being sent",
    "Several colleagues take voicemails away at this moment, and pages must stay quick meanwhile.",
    "Nothing was counted against you. Try again in a minute.",
)
REFUSED = {
    Refusal.BUSY: Words(
        "Your last archive is still being sent",
        "One at a time for each person: two at once would both be slower.",
        "Wait until it is done, or cancel it in your browser and try again in two minutes.",
    ),
    Refusal.TOO_OFTEN: Words(
        "Too many archives within an hour",
        f"Each person may take {downloads.MOST_AN_HOUR} archives an hour.",
        "Take more requests at once, or wait an hour. A single message can be downloaded always.",
    ),
}


@dataclass(frozen=True)
class Wanted:
    """Which requests somebody wants to take away."""

    conditions: Conditions
    fields: dict[str, Any]
    """The form's fields that say the same again."""


def set_up(app: Flask) -> None:
    """Let a long list of ticked requests come in, before anything reads the form."""
    app.before_request(_allow_size)


@blueprint.get("")
def show_page(business_id: UUID) -> ResponseReturnValue:
    """Say what would be taken of all that a list shows."""
    return _show(business_id, _wanted())


@blueprint.post("")
def show_chosen(business_id: UUID) -> ResponseReturnValue:
    """Say what would be taken of the requests that were chosen in a list."""
    wanted = _chosen()
    return _ask_if_many(business_id, wanted) or _show(business_id, wanted)


@blueprint.get("/progress")
def show_progress(business_id: UUID) -> ResponseReturnValue:
    """Show how far one's newest archive is; the page asks every few seconds."""
    with transaction() as session:
        newest = downloads.newest_download(session, business_id, user())
    return render_template("_download.html", newest=newest)


@blueprint.post("/voicemails.zip")
def send_voicemails(business_id: UUID) -> ResponseReturnValue:
    """Send the archive; that it is taken is proven before its first byte."""
    wanted = _wanted()
    if (asked := _ask_if_many(business_id, wanted)) is not None:
        return asked
    if not _lines.acquire(blocking=False):
        return _refuse(503, FULL)
    leave = _Once()
    try:
        plan = downloads.make_plan(services().sessions, business_id, wanted.conditions)
        with transaction() as session:
            begun = downloads.begin(session, business(), user(), plan, secret=secret(), at=now())
        if isinstance(begun, Refusal):
            leave()
            return _refuse(429, REFUSED[begun])
        archive = Archive(services().sessions, services().store, begun, user(), context().clock)
        pieces = _held(archive.pieces(plan, business().name, business().time_zone), leave)
        # Started here: what was never started would not notice that it was closed.
        begun_pieces = chain([next(pieces)], pieces)
    except BaseException:
        leave()
        raise
    response = _attachment(begun_pieces, "voicemails", "zip", "application/zip")
    response.call_on_close(pieces.close)
    return response


@blueprint.post("/requests.csv")
def send_requests(business_id: UUID) -> ResponseReturnValue:
    """Send the requests as CSV."""
    by, wanted = audit.staff(user()), _wanted()
    if (asked := _ask_if_many(business_id, wanted)) is not None:
        return asked
    with transaction() as session:
        count = downloads.measure(session, business_id, wanted.conditions).requests
        deed = Deed(
            business_id,
            Action.REQUESTS_EXPORTED,
            by,
            now(),
            audit.about(business()),
            {"form": "csv", "count": count},
        )
        audit.write(session, deed)
    lines = requests_csv(services().sessions, business_id, wanted.conditions, business().time_zone)
    return _attachment((line.encode() for line in lines), "requests", "csv", "text/csv")


@blueprint.errorhandler(UserError)
def refuse_choice(error: UserError) -> ResponseReturnValue:
    """Say what is wrong with the choice: to take everything instead would be too much."""
    words = Words("Nothing was taken away", str(error), "Go back to the list and choose again.")
    return render_template("error.html", code=400, words=words), 400


def _allow_size() -> None:
    if request.blueprint == blueprint.name:
        choosing.allow_size()


def _show(business_id: UUID, wanted: Wanted) -> ResponseReturnValue:
    with transaction() as session:
        extent = downloads.measure(session, business_id, wanted.conditions)
        newest = downloads.newest_download(session, business_id, user())
    return render_template(
        "download.html",
        wanted=wanted,
        extent=extent,
        newest=newest,
        most_an_hour=downloads.MOST_AN_HOUR,
    )


def _ask_if_many(business_id: UUID, wanted: Wanted) -> ResponseReturnValue | None:
    """Let who takes much at once prove that they are there, and lead them back to the choice."""
    if confirmed_lately():
        return None
    with transaction() as session:
        extent = downloads.measure(session, business_id, wanted.conditions)
        if max(extent.requests, extent.voicemails) <= downloads.MANY:
            return None
        if "ids" in wanted.fields:
            return choosing.ask_beside(session, business_id, extent.requests)
    return ask_to_confirm(url_for("downloads.show_page", business_id=business_id, **wanted.fields))


def _wanted() -> Wanted:
    """Read which requests: some that were chosen, or all that a list shows."""
    if "ids" in request.form:
        return _chosen()
    with transaction() as session:
        here = looking.look(session, request.values)
        choosing.check_filter(here)
        tests = here.conditions(session, narrow=False).all_tests(PrivacyRequest)
    return Wanted((*COVERS[here.chosen.scope], *tests), as_args(here.chosen))


def _chosen() -> Wanted:
    with transaction() as session:  # one of its own: looking gives up early
        ids = choosing.read_choice(session, business().id).ids
    fields = {"ids": " ".join(each.hex for each in ids), "list": request.form.get("list", "")}
    return Wanted((PrivacyRequest.id.in_(ids),), fields)


def _attachment(pieces: Any, what: str, ending: str, mimetype: str) -> Response:
    day = local_date(now(), business().time_zone)
    headers = {
        "Content-Disposition": f'attachment; filename="voiceline-{what}_{day}.{ending}"',
        # a proxy that took all of it ahead of its reader would make "sent" untrue
        "X-Accel-Buffering": "no",
    }
    return Response(pieces, mimetype=mimetype, headers=headers)


def _held(pieces: Generator[bytes], leave: _Once) -> Generator[bytes]:
    """Yield the pieces, and give the place back when they end, however they do."""
    try:
        yield from pieces
    finally:
        leave()


def _refuse(code: int, words: Words) -> ResponseReturnValue:
    page = render_template("error.html", code=code, words=words)
    return page, code, {"Retry-After": "60"}


class _Once:
    """Gives a place back, however often it is told to."""

    def __init__(self) -> None:
        self._lock, self._done = Lock(), False

    def __call__(self) -> None:
        with self._lock:
            if not self._done:
                self._done = True
                _lines.release()
