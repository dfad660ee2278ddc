"""The audit trail on a page, for admins and owners: who did what, when, the newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select

from voiceline import audit
from voiceline.audit import Action, Deed
from voiceline.audit.lines import whole_trail
from voiceline.audit.reading import entries_of
from voiceline.dashboard.context import business, now, services, transaction, user
from voiceline.dashboard.deeds import DEEDS
from voiceline.models import PrivacyRequest
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS, Right

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from flask import Flask
    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.audit.reading import ShownEntry

blueprint = Blueprint("trail", __name__, url_prefix="/businesses/<uuid:business_id>/trail")

ROWS = 100
BY = {
    "staff": "A colleague",
    "system": "The service",
    "operator": "The operator",
    "consumer": "The consumer",
}
"""Who did it, where no name is kept: a name that was erased leaves its entries whole."""


def set_up(app: Flask) -> None:
    """Let templates say what an entry says."""
    app.jinja_env.filters["did"] = did
    app.jinja_env.filters["facts_of"] = facts_of
    app.jinja_env.globals["BY"] = BY


@blueprint.get("")
def show_trail(business_id: UUID) -> ResponseReturnValue:
    """Show a page of entries, all or those of one request; what is no page shows the newest."""
    with transaction() as session:
        about = _asked_request(session)
        found = entries_of(
            session,
            business_id,
            request_id=about.id if about else None,
            before=_number(request.args.get("before", "")),
            limit=ROWS + 1,
        )
        references = _references(session, found)
    shown = found[:ROWS]
    return render_template(
        "trail.html",
        entries=shown,
        references=references,
        about=about,
        asked=request.args.get("request", "")[:20],
        older=shown[-1].entry.sequence if len(found) > ROWS else None,
        later_page="before" in request.args,
    )


@blueprint.post("/lines.txt")
def send_lines(business_id: UUID) -> ResponseReturnValue:
    """Send every entry as the line that was hashed; docs/audit.md says how to check them.

    A form's POST, by somebody who proved to be there: it is all that was ever done.
    """
    by, subject = audit.staff(user()), audit.about(business())
    deed = Deed(business_id, Action.TRAIL_EXPORTED, by, now(), subject)
    with transaction() as session:
        last = audit.write(session, deed)
    lines = whole_trail(services().engine, business_id, until=last)
    response = Response(lines, mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="trail.txt"'
    return response


def did(shown: ShownEntry) -> str:
    """Say what was done; a word of a later version is said as it stands."""
    return DEEDS.get(shown.entry.action, shown.entry.action)


def facts_of(shown: ShownEntry) -> str:
    """Say what the entry holds besides, but for what only binds it to other rows."""
    facts = json.loads(shown.entry.facts)
    unsaid = BINDING | BINDING_OF.get(shown.entry.action, frozenset())
    said = {
        name: value for name, value in facts.items() if name not in unsaid and value is not None
    }
    return ", ".join(
        f"{name.replace('_', ' ')}: {_plain(name, value)}" for name, value in sorted(said.items())
    )


BINDING = frozenset({"entry", "sha256", "digest", "words", "check", "letter", "undone", "note"})
BINDING_OF: dict[str, frozenset[str]] = {Action.REQUEST_ASSIGNED: frozenset({"to"})}
"""What binds an entry to other rows: any, and those of one action."""


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in {"right", "instead_of"} and isinstance(value, str):
        return LABELS[Right(value)] if value in set(Right) else value
    return str(value).replace("_", " ")


def _asked_request(session: Session) -> PrivacyRequest | None:
    digits = "".join(filter(str.isdigit, request.args.get("request", "")[:40]))
    mine = PrivacyRequest.business_id == business().id
    found = select(PrivacyRequest).where(mine, PrivacyRequest.reference == digits)
    return session.scalar(found) if digits else None


def _references(session: Session, found: Iterable[ShownEntry]) -> dict[UUID, str]:
    ids = {shown.entry.request_id for shown in found if shown.entry.request_id}
    mine = PrivacyRequest.business_id == business().id
    rows = session.execute(
        select(PrivacyRequest.id, PrivacyRequest.reference).where(mine, PrivacyRequest.id.in_(ids))
    )
    return {id_: grouped(reference) for id_, reference in rows}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None  # noqa: PLR2004 - below 2^53
