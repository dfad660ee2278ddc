"""What a colleague is told unasked, and the address of their calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for

from voiceline.calendars import calendar_of, close_calendar, open_calendar
from voiceline.dashboard.context import now, services, transaction, user
from voiceline.models import Business, Membership
from voiceline.notices import choose, let_mail_hold_words, wanted_by
from voiceline.rules.alerts import Wanted

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("notices", __name__, url_prefix="/businesses/<uuid:business_id>/notices")

CHOICES = {
    "at_once": ("At once", "An e-mail for each new request."),
    "daily": ("Every morning", "Where things stand, Monday to Friday, if anything is open."),
    "friday": ("Summary on Fridays", "The week in one line, and what is due first."),
    "deadlines": (
        "Dates that come near",
        "10, 5 and 2 days before an answer is due, and once it is overdue; each once.",
    ),
    "expiring": (
        "Voicemails that expire",
        "30, 7 and 1 day before their audio goes, each once, with the way to download them.",
    ),
    "assigned": (
        "Given to you",
        "An e-mail when a colleague assigns requests to you; it says how many, not what they hold.",
    ),
    "unassigned": (
        "Calls without a code",
        "Every morning while one waits to be given to a business.",
    ),
}
"""What can be chosen: its name and what it means."""


@blueprint.get("")
def show_notices(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the gate read it
    """Show what is chosen; a new calendar's address is shown this once."""
    with transaction() as database:
        wanted = wanted_by(database, _membership())
        calendar = calendar_of(database, _membership())
    token = None if request.method == "HEAD" else session.pop("calendar", None)
    return render_template(
        "notices.html",
        choices=CHOICES,
        wanted=wanted,
        calendar=calendar,
        address=_address(token) if token and calendar else None,
        saved=request.args.get("saved") == "yes",
    )


@blueprint.post("")
def choose_notices(business_id: UUID) -> ResponseReturnValue:
    """Keep what is ticked."""
    wanted = Wanted(**{name: name in request.form for name in CHOICES})
    with transaction() as database:
        choose(database, _membership(), wanted, at=now())
    return _back(business_id)


@blueprint.post("/calendar")
def change_calendar(business_id: UUID) -> ResponseReturnValue:
    """Make a new address, or let the one there is lead nowhere."""
    wish = request.form.get("do")
    if wish not in {"open", "close"}:
        abort(400)
    with transaction() as database:
        if wish == "open":
            session["calendar"] = open_calendar(database, _membership(), at=now())
        else:
            close_calendar(database, _membership(), at=now())
            session.pop("calendar", None)
    return _back(business_id, saved=False)


@blueprint.post("/words")
def choose_words(business_id: UUID) -> ResponseReturnValue:
    """Say for the whole business whether its mail may hold what consumers wrote."""
    with transaction() as database:
        found = database.get_one(Business, business_id, with_for_update=True)
        words = "words" in request.form
        let_mail_hold_words(database, found, user(), words=words, at=now())
    return _back(business_id)


def _membership() -> Membership:
    return cast("Membership", g.membership)


def _address(token: str) -> str:
    path = url_for("calendar.send_calendar", token=token)
    return f"{services().settings.dashboard_url}{path}"


def _back(business_id: UUID, *, saved: bool = True) -> ResponseReturnValue:
    said = "yes" if saved else None
    page = url_for("notices.show_notices", business_id=business_id, saved=said)
    return redirect(page, code=303)
