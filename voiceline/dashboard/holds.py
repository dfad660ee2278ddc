"""Legal holds: placed on a request or on everything, listed, and lifted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import holds as verbs
from voiceline.casework import find_request
from voiceline.dashboard.attempts import refusal
from voiceline.dashboard.context import now, transaction, user
from voiceline.dashboard.kept_typing import kept_typing

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("holds", __name__, url_prefix="/businesses/<uuid:business_id>")

SAID = {
    "placed": "The legal hold is placed: nothing under it expires.",
    "lifted": "The legal hold is lifted. What no other one is on stays at least 30 days more.",
}


@blueprint.get("/legal-holds")
def show_holds(business_id: UUID) -> ResponseReturnValue:
    """Show what is under a hold, and what was."""
    typed = kept_typing("holds.place_on_all")
    said = SAID.get(request.args.get("said", ""))
    return _page(business_id, said=said, kept=bool(typed), **typed)


@blueprint.post("/legal-holds")
def place_on_all(business_id: UUID) -> ResponseReturnValue:
    """Hold all there is of the business and what is still to come."""
    reason = request.form.get("reason", "")[:2000]
    return _done(
        business_id,
        lambda session: verbs.place(session, business_id, None, reason=reason, by=user(), at=now()),
        "placed",
        reason=reason,
    )


@blueprint.post("/legal-holds/<uuid:hold_id>/lift")
def lift(business_id: UUID, hold_id: UUID) -> ResponseReturnValue:
    """Let a hold end."""
    return _done(
        business_id,
        lambda session: verbs.lift(session, business_id, hold_id, by=user(), at=now()),
        "lifted",
    )


@blueprint.get("/requests/<uuid:request_id>/legal-hold")
def show_form(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Show the hold on a request, or the form that places one."""
    return _form(business_id, request_id)


@blueprint.post("/requests/<uuid:request_id>/legal-hold")
def place_on_request(business_id: UUID, request_id: UUID) -> ResponseReturnValue:
    """Hold what belongs to a request."""
    reason = request.form.get("reason", "")[:2000]

    def act(session: Session) -> None:
        found = find_request(session, business_id, request_id)
        verbs.place(session, business_id, found, reason=reason, by=user(), at=now())

    if refused := refusal(act):
        return _form(business_id, request_id, refused=refused, reason=reason), 422
    page = url_for("requests.show_request", business_id=business_id, request_id=request_id)
    return redirect(page, code=303)


def _done(
    business_id: UUID, act: Callable[[Session], object], said: str, **typed: str
) -> ResponseReturnValue:
    if refused := refusal(act):
        return _page(business_id, refused=refused, **typed), 422
    return redirect(url_for("holds.show_holds", business_id=business_id, said=said), code=303)


def _page(business_id: UUID, **parts: Any) -> str:
    with transaction() as session:
        found = verbs.holds_of(session, business_id)
        overdue = verbs.count_overdue(session, business_id, now())
    return render_template(
        "holds.html",
        holding=[each for each in found if each.lifted_at is None],
        former=[each for each in found if each.lifted_at is not None],
        overdue=overdue,
        **{"said": None, "refused": None, "kept": False, "reason": "", **parts},
    )


def _form(business_id: UUID, request_id: UUID, **parts: Any) -> str:
    with transaction() as session:
        found = find_request(session, business_id, request_id)
        hold = verbs.open_hold(session, business_id, found)
    return render_template(
        "hold.html",
        request_shown=found,
        hold=hold,
        **{"refused": None, "reason": "", **parts},
    )
