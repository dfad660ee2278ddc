"""Many requests at once: chosen on the inbox, confirmed, done, and told of one by one.

Everything is a form, so all of it works without JavaScript. What "all that match" means is looked
up when it is done, not when the page was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from uuid import uuid4, uuid5

from flask import Blueprint, Response, redirect, render_template, request, url_for

from voiceline import audit, bulk
from voiceline.audit import Action, Deed
from voiceline.bulk import AT_ONCE, find_bulk, may_undo, result_of
from voiceline.dashboard import looking
from voiceline.dashboard.assigning import read_colleague
from voiceline.dashboard.choosing import allow_size, ask_beside, read_choice, read_id
from voiceline.dashboard.context import business, context, now, services, transaction, user
from voiceline.dashboard.fields import chosen as choose_one
from voiceline.dashboard.gate import confirmed_lately
from voiceline.dashboard.wording import MEANS
from voiceline.desk import Means
from voiceline.downloads import MANY
from voiceline.errors import NotFoundError, UserError
from voiceline.filters import EVERYTHING
from voiceline.models import BulkKind, PrivacyRequest
from voiceline.request_files import own_ids, requests_csv

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.choosing import Choice
    from voiceline.models import BulkAction

blueprint = Blueprint("bulk", __name__, url_prefix="/businesses/<uuid:business_id>/requests/bulk")

EXPORT = "export"
UNASKED = frozenset({BulkKind.READ, BulkKind.UNREAD})
"""What is done without asking once more, where the requests were ticked one by one."""

NAMES = {
    BulkKind.ASSIGN: "Assign",
    BulkKind.READ: "Mark as read",
    BulkKind.UNREAD: "Mark as unread",
    BulkKind.ACKNOWLEDGE: "Confirm receipt",
}
SAYS = {
    BulkKind.ASSIGN: "Whoever is chosen gets one e-mail for all of them. Others can still do every "
    "step. Each request's history says who assigned it.",
    BulkKind.READ: "They are read for you alone. Your colleagues' marks stay as they are.",
    BulkKind.UNREAD: "They are unread for you alone. Your colleagues' marks stay as they are.",
    BulkKind.ACKNOWLEDGE: "This notes that the consumers were told already that their requests "
    "came. No letter is sent from here. It stops the 10-business-day clock of each.",
}
DONE = {
    BulkKind.ASSIGN: "assigned",
    BulkKind.READ: "marked as read",
    BulkKind.UNREAD: "marked as unread",
    BulkKind.ACKNOWLEDGE: "confirmed",
}


def set_up(app: Flask) -> None:
    """Let a long list of ticked requests come in, before anything reads the form."""
    app.before_request(_allow_size)
    app.jinja_env.globals.update(BULK_NAMES=NAMES, new_form_id=uuid4)


@blueprint.post("")
def choose(business_id: UUID) -> ResponseReturnValue:
    """Ask whether it is meant so; what needs no asking is done."""
    try:
        with transaction() as session:
            ids = read_choice(session, business_id).ids
        if request.form.get("do") == EXPORT:
            return _export(business_id, ids)
        kind = choose_one(BulkKind, request.form.get("do", ""), "what to do")
    except UserError as error:
        return _confirm(None, 0, error), 400
    if kind in UNASKED and "all" not in request.form:
        return act(business_id)
    return _confirm(kind, len(ids))


@blueprint.post("/act")
def act(business_id: UUID) -> ResponseReturnValue:
    """Do it, and show what became of each."""
    kind = None
    try:
        kind = choose_one(BulkKind, request.form.get("do", ""), "what to do")
        facts = _facts(kind)
        with transaction() as session:  # one of its own: looking gives up early
            choice = read_choice(session, business_id)
        with transaction() as session:
            found = _begin(session, kind, facts, choice)
    except NotFoundError:
        raise
    except UserError as error:
        return _confirm(kind, 0, error), 400
    if found.count <= AT_ONCE and found.finished_at is None:
        bulk.work(services().sessions, found, context().clock)
    page = url_for(".show_result", business_id=business_id, bulk_id=found.id)
    return redirect(page, code=303)


@blueprint.get("/<uuid:bulk_id>")
def show_result(business_id: UUID, bulk_id: UUID) -> ResponseReturnValue:
    """Say what was done, and what was skipped and why."""
    return render_template("bulk_result.html", **_result(business_id, bulk_id))


@blueprint.get("/<uuid:bulk_id>/progress")
def show_progress(business_id: UUID, bulk_id: UUID) -> ResponseReturnValue:
    """Say how far it is; the page of results asks while something is left."""
    return render_template("_bulk_result.html", **_result(business_id, bulk_id))


@blueprint.post("/<uuid:bulk_id>/undo")
def undo(business_id: UUID, bulk_id: UUID) -> ResponseReturnValue:
    """Take back what can be taken back."""
    try:
        with transaction() as session:
            found = find_bulk(session, business_id, user(), bulk_id)
        bulk.undo_bulk(services().sessions, found, at=now())
    except NotFoundError:
        raise
    except UserError as error:
        return render_template(
            "bulk_result.html", **_result(business_id, bulk_id), problem=error
        ), 400
    return redirect(url_for(".show_result", business_id=business_id, bulk_id=bulk_id), code=303)


def _allow_size() -> None:
    if request.endpoint in {"bulk.choose", "bulk.act"}:
        allow_size()


def _begin(session: Session, kind: BulkKind, facts: dict[str, Any], choice: Choice) -> BulkAction:
    bulk.check_facts(session, business().id, kind, facts)
    return bulk.begin_bulk(
        session,
        business().id,
        user(),
        form=_form_id(kind, facts, choice),
        kind=kind,
        facts=facts,
        ids=choice.ids,
        seen=choice.seen,
        at=now(),
    )


def _facts(kind: BulkKind) -> dict[str, Any]:
    if kind == BulkKind.ASSIGN:
        to = read_colleague(request.form, user())
        return {"to": str(to) if to else None}
    if kind == BulkKind.ACKNOWLEDGE:
        how = choose_one(Means, request.form.get("how", ""), "how they were told")
        return {"how": how.value}
    return {}


def _form_id(kind: BulkKind, facts: dict[str, Any], choice: Choice) -> UUID:
    """Answer the act's number: the same form with the same choice is the same act."""
    form = read_id(request.form.get("form", ""))
    chosen = sorted(map(str, choice.ids))
    if "all" in request.form:  # what matches may be other requests by the second click
        chosen = [request.form.get("list", ""), *sorted(request.form.getlist("but"))]
    return uuid5(form, f"{business().id}/{user().id}/{kind}/{facts}/{chosen}")


def _confirm(kind: BulkKind | None, count: int, problem: UserError | None = None) -> str:
    with transaction() as session:
        here = looking.look(session, dict(parse_qsl(request.form.get("list", ""))))
    return render_template(
        "bulk.html",
        kind=kind,
        kinds=BulkKind,
        name=NAMES.get(kind) if kind else "Nothing was done",
        says=SAYS.get(kind) if kind else None,
        count=count,
        problem=problem,
        here=here,
        filtered=here.chosen.filter != EVERYTHING,
        means=MEANS,
        typed=request.form,
        form=request.form.get("form") or uuid4(),
    )


def _result(business_id: UUID, bulk_id: UUID) -> dict[str, Any]:
    with transaction() as session:
        found = find_bulk(session, business_id, user(), bulk_id)
        result = result_of(session, found)
        to = _name_of(session, found)
    return {
        "result": result,
        "action": found,
        "to": to,
        "done_word": DONE[found.kind],
        "may_undo": may_undo(found, now()) and result.done,
        "undo_until": found.finished_at + bulk.UNDO_WITHIN if found.finished_at else None,
    }


def _name_of(session: Session, action: BulkAction) -> str | None:
    here = looking.look(session, {})
    names = {str(each.id): each.name for each in here.known.colleagues}
    return names.get(str(action.facts.get("to")))


def _export(business_id: UUID, ids: list[UUID]) -> ResponseReturnValue:
    """Send what was chosen as CSV, and write into the audit trail who takes it away."""
    with transaction() as session:
        mine = own_ids(session, business_id, ids)
        if len(mine) > MANY and not confirmed_lately():
            return ask_beside(session, business_id, len(mine))
        deed = Deed(
            business_id,
            Action.REQUESTS_EXPORTED,
            audit.staff(user()),
            now(),
            audit.about(business()),
            {"form": "csv", "count": len(mine)},
        )
        audit.write(session, deed)
    chosen = (PrivacyRequest.id.in_(mine),)
    lines = requests_csv(services().sessions, business_id, chosen, business().time_zone)
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="requests.csv"'
    return response
