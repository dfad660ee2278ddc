"""Reading a business under a grant: what it opens, and the word of it in the business's trail."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import g, request
from werkzeug.exceptions import Forbidden

from voiceline.dashboard.context import now, transaction, transaction_across, user
from voiceline.dashboard.open_views import GRANTED, TOLD_BY_THEMSELVES, UNATTENDED
from voiceline.granted_places import GrantedPlace, find_place, note_read

if TYPE_CHECKING:
    from uuid import UUID

    from flask import Flask, Response

    from voiceline.models import AccessGrant

READS = frozenset({"GET", "HEAD"})
REFUSED = 400


class NotGranted(Forbidden):
    """Somebody who reads under a grant asked for what none opens."""


def set_up(app: Flask) -> None:
    """Note what is read under a grant before it is sent; let templates say that it is one."""
    app.after_request(_note)
    app.jinja_env.globals["grant"] = grant


def grant() -> AccessGrant | None:
    """Answer the grant that the page at hand is read under, if it is one."""
    place = g.get("membership")
    return place.grant if isinstance(place, GrantedPlace) else None


def find_granted(business_id: UUID) -> GrantedPlace | None:
    """Answer the place that a grant gives to who is signed in, at this moment."""
    through = next((m for m in g.memberships if m.is_operators), None)
    if through is None:
        return None
    with transaction_across() as session:
        return find_place(session, business_id, through, at=now())


def is_granted(endpoint: str, method: str) -> bool:
    """Tell whether a grant opens a view: to read it."""
    return endpoint in GRANTED and method in READS


def check_granted(endpoint: str, method: str) -> None:
    """Raise NotGranted for what no grant opens."""
    if not is_granted(endpoint, method):
        raise NotGranted


def _note(response: Response) -> Response:
    """Write down what is about to be sent: what cannot be written down is not sent."""
    page = request.endpoint
    if grant() is None or page not in GRANTED - TOLD_BY_THEMSELVES:
        return response
    if request.method == "GET" and response.status_code < REFUSED:
        place, about = cast("GrantedPlace", g.membership), (request.view_args or {})
        about_id = about.get("request_id")
        with transaction() as session:
            once = page in UNATTENDED
            note_read(session, place, page, user(), request_id=about_id, at=now(), once=once)
    return response
