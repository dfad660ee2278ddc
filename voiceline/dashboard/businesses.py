"""Where somebody works: straight to the inbox, or a list where there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for

from voiceline.dashboard.context import memberships

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("businesses", __name__)


@blueprint.get("/")
def go_home() -> ResponseReturnValue:
    """Go to the one inbox there is, or to the list."""
    places = memberships()
    if len(places) == 1:
        return redirect(url_for("inbox.show_inbox", business_id=places[0].business_id))
    return redirect(url_for("businesses.show_businesses"))


@blueprint.get("/businesses")
def show_businesses() -> ResponseReturnValue:
    """List the businesses of whoever is signed in."""
    return render_template("businesses.html", places=memberships())
