"""Read and unread: each colleague's own marks, which no page changes by being looked at.

A request's page asks for the mark by itself once it is shown, with a form that is there without
JavaScript, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, url_for

from voiceline.casework import find_request
from voiceline.dashboard.context import now, transaction
from voiceline.dashboard.looking import membership
from voiceline.reading import hold_choice, mark_read, mark_unread, reader_of

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("reading", __name__, url_prefix="/businesses/<uuid:business_id>/requests")


@blueprint.post("/<uuid:request_id>/read")
def mark_as_read(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Note that who is signed in has seen the request."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        mark_read(session, reader_of(session, membership()), found, at=now())
    return _answer(url_for("requests.show_request", business_id=business_id, request_id=request_id))


@blueprint.post("/<uuid:request_id>/unread")
def mark_as_unread(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Let the request count as unread again, for who is signed in."""
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        mark_unread(session, reader_of(session, membership()), found)
    return _answer(url_for("inbox.show_inbox", business_id=business_id, status="open"))


@blueprint.post("/keys")
def choose_keys(business_id: UUID) -> ResponseReturnValue:
    """Switch the single keys on or off, for who is signed in."""
    with transaction() as session:
        held = hold_choice(session, reader_of(session, membership()))
        held.keys_on = request.form.get("keys") == "on"
    return _answer(url_for("inbox.show_inbox", business_id=business_id, status="open"))


def _answer(page: str) -> ResponseReturnValue:
    """Lead on; a script needs nothing but to know that it is done."""
    if request.headers.get("Sec-Fetch-Dest") == "empty":
        return Response(status=204)
    return redirect(page, code=303)
