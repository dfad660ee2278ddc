"""A business's figures of the last whole year (11 CCR 7102), where it lets the public see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template

from voiceline import metrics
from voiceline.consumer.context import now, transaction
from voiceline.consumer.wording import say
from voiceline.errors import NotFoundError
from voiceline.rules.deadlines import received_on

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics/<code>")
def show_metrics(code: str) -> ResponseReturnValue:
    """Show the figures, or what is shown for a code that nobody has."""
    try:
        with transaction() as session:
            business = metrics.find_published(session, code)
            year, _ = metrics.years_of(received_on(now(), business.time_zone))
            found = metrics.figures_of(session, business.id, year)
    except NotFoundError:
        abort(404)
    names = (
        say("metrics_delete"),
        say("metrics_correct"),
        say("metrics_know"),
        say("metrics_opt_out"),
        say("metrics_limit"),
    )
    heads = dict(zip(names, found.heads.values(), strict=True))
    return render_template("metrics.html", business=business, year=year, heads=heads)
