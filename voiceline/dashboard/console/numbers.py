"""The line's numbers: whose each is, where its calls go as the carrier last said, when it rang."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline.dashboard.context import now, services, transaction
from voiceline.number_looks import ask_to_look, numbers_of

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("console_numbers", __name__, url_prefix="/operator/numbers")


@blueprint.get("")
def show_numbers() -> ResponseReturnValue:
    """Show every number with the last look at it; the carrier is not asked now."""
    with transaction() as session:
        found = numbers_of(session, services().settings.twilio_numbers)
    return render_template(
        "console/numbers.html",
        numbers=found,
        asked="asked" in request.args,
        simulated=services().settings.twilio_api_base.startswith("http://127.0.0.1"),
    )


@blueprint.post("/look")
def look() -> ResponseReturnValue:
    """Owe a look at every number, which a job takes within a minute."""
    with transaction() as session:
        found = numbers_of(session, services().settings.twilio_numbers)
        ask_to_look(session, [each.number for each in found], at=now())
    return redirect(url_for(".show_numbers", asked=1), code=303)
