"""The inbox: what must be answered, the most urgent first, and whatever somebody looks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from voiceline.dashboard import filtering, looking
from voiceline.dashboard.context import business, now, secret, services, transaction
from voiceline.dashboard.filtering import as_args
from voiceline.dashboard.wording import local_date
from voiceline.errors import UserError
from voiceline.filters import EVERYTHING, Filter
from voiceline.first_steps import first_steps
from voiceline.grants import open_grants_of
from voiceline.inbox import (
    InboxPage,
    count_matching,
    count_news,
    count_requests,
    inbox_page,
)
from voiceline.lists import LOOKED_AT
from voiceline.login_sessions import LONGEST
from voiceline.models import SavedView, ServiceCode
from voiceline.places import Place, open_place, seal_place
from voiceline.reading import count_unread, unread_among
from voiceline.saved_views import views_of

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.dashboard.filtering import Chosen
    from voiceline.dashboard.looking import Looking
    from voiceline.first_steps import FirstSteps
    from voiceline.models import Membership

blueprint = Blueprint("inbox", __name__, url_prefix="/businesses/<uuid:business_id>/requests")

ROWS = 50

KEYS = {
    "J": "Next request",
    "K": "Previous request",
    "Enter": "Open it",
    "X": "Select it",
    "U": "Mark it as unread, or as read",
    "A": "Assign it to me",
    "E": "Its next step",
    "N": "Write a note",
    "/": "Search",
    "G then I": "Back to the inbox",
    "?": "This list",
}
"""What single keys do; on a request's page J and K go through the same list."""


@blueprint.get("")
def show_inbox(business_id: UUID) -> ResponseReturnValue:
    """Show one page of requests; what is no page of this list shows its beginning."""
    with transaction() as session:
        here = looking.look(session, request.args)
        parts = _surroundings(session, here)
    if not request.args and (view := _default(here, parts["views"])):
        return redirect(f"{url_for('.show_inbox', business_id=business_id)}?{view.query}")
    return render_template("inbox.html", **parts, **_found(here))


@blueprint.get("/news")
def show_news(business_id: UUID) -> ResponseReturnValue:
    """Say how many requests came since the page was made; the page asks every half minute."""
    since = _recent(request.args.get("since", "")) or now()
    with transaction() as session:
        here = looking.look(session, request.args)
        count = count_news(session, business_id, since, here.which(session))
    return render_template("_news.html", count=count, since=since, chosen=here.chosen)


@blueprint.app_template_global()
def list_url(chosen: Chosen, **changes: Any) -> str:
    """Answer the address of a list: as it is chosen, but for these changes."""
    chosen = replace(chosen, **changes)
    return url_for("inbox.show_inbox", business_id=business().id, **as_args(chosen))


@blueprint.record
def teach(state: Any) -> None:
    """Teach the templates what can be chosen."""
    state.app.jinja_env.globals.update(
        DUES=filtering.DUES,
        RIGHT_CHOICES=filtering.RIGHTS,
        EXPIRING=filtering.EXPIRING,
        EVERYTHING=EVERYTHING,
        UNREAD=Filter(unread=True),
        LOOKED_AT=LOOKED_AT,
        KEYS=KEYS,
        list_args=as_args,
    )


def _surroundings(session: Session, here: Looking) -> dict[str, Any]:
    """Answer what the page says besides the list."""
    business_id = here.reader.business_id
    counts = count_requests(session, business_id, local_date(now(), business().time_zone))
    return {
        "counts": counts,
        "grants": open_grants_of(session, business_id, now()),
        "unread": count_unread(session, here.reader),
        "codes": [] if counts.any else _codes(session, business_id),
        "steps": None if counts.any else _first_steps(session),
        "views": views_of(session, here.reader),
        "number": services().settings.twilio_numbers[0],
        "here": here,
        "chosen": here.chosen,
        "chips": filtering.chips(here.chosen, here.known),
        "made_at": now(),
        "today": local_date(now(), business().time_zone),
    }


def _found(here: Looking) -> dict[str, Any]:
    """Answer the page of the list; one that takes too long to find is an empty one that says so."""
    chosen, business_id = here.chosen, here.reader.business_id
    about = f"{business_id}/{as_args(chosen)}"
    matching, problem = (0, False), None
    try:
        with transaction() as session:
            which = here.which(session)
            page = inbox_page(
                session,
                business_id,
                order=chosen.order,
                scope=chosen.scope,
                after=_after(about),
                limit=ROWS,
                which=which,
            )
            new = unread_among(session, here.reader, [row.request.id for row in page.rows])
            if which is not None:
                (matching,) = count_matching(session, business_id, [(chosen.scope, which)])
    except OperationalError as error:
        if not looking.took_too_long(error):
            raise
        page, new, problem = InboxPage([], None), set(), looking.TOO_LONG
    after = seal_place(page.next, about=about, secret=secret()) if page.next else None
    return {
        "page": page,
        "new": new,
        "matching": matching,
        "problem": problem,
        "next_page": after,
        "later_page": "after" in request.args,
    }


def _default(here: Looking, views: list[SavedView]) -> SavedView | None:
    return next((view for view in views if view.id == here.reader.view_id), None)


def _after(about: str) -> Place | None:
    try:
        return open_place(request.args["after"], about=about, secret=secret())
    except (KeyError, UserError):
        return None


def _recent(text: str) -> datetime | None:
    """Read the moment a page was made; nobody leaves one open for longer than a session lasts."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if abs(now() - moment) <= LONGEST else None
    except (ValueError, TypeError, OverflowError):
        return None


def _first_steps(session: Session) -> FirstSteps | None:
    """Answer the first steps, unless the member has hidden them."""
    membership: Membership = g.membership
    return None if membership.first_steps_hidden_at else first_steps(session, membership)


def _codes(session: Session, business_id: UUID) -> list[ServiceCode]:
    mine = ServiceCode.business_id == business_id
    query = select(ServiceCode).where(mine, ServiceCode.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(ServiceCode.code).limit(10)))
