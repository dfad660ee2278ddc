"""The list of first steps: on a page of its own, and in the inbox while that is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, g, redirect, render_template, url_for

from voiceline import first_steps as verbs
from voiceline.dashboard.callers_hear import how_to_dial
from voiceline.dashboard.context import now, services, transaction
from voiceline.greetings import codes_of
from voiceline.models import Membership

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint(
    "first_steps", __name__, url_prefix="/businesses/<uuid:business_id>/first-steps"
)

CODES = 10
"""Codes for which there are words to publish; whoever has more knows how."""


@blueprint.get("")
def show_steps(business_id: UUID) -> ResponseReturnValue:
    """Show what is done and what comes next, with the words to publish."""
    with transaction() as session:
        steps = verbs.first_steps(session, _membership())
        codes = codes_of(session, business_id, limit=CODES)
    return render_template(
        "first_steps.html",
        steps=steps,
        codes=codes,
        dial=how_to_dial,
        consumer_url=services().settings.consumer_url,
    )


@blueprint.post("/hide")
def hide(business_id: UUID) -> ResponseReturnValue:
    """Leave the list out of the member's inbox."""
    with transaction() as session:
        verbs.hide_first_steps(session.get_one(Membership, _membership().id), at=now())
    return redirect(url_for("inbox.show_inbox", business_id=business_id), code=303)


@blueprint.post("/show")
def show_again(business_id: UUID) -> ResponseReturnValue:
    """Put the list back into the member's inbox."""
    with transaction() as session:
        verbs.show_first_steps(session.get_one(Membership, _membership().id))
    return redirect(url_for("first_steps.show_steps", business_id=business_id), code=303)


def _membership() -> Membership:
    return cast("Membership", g.membership)
