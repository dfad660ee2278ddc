"""A forgotten password: a form that answers the same for every address, and the link's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from voiceline import password_resets
from voiceline.account_links import find_link
from voiceline.dashboard.context import now, secret, transaction_across
from voiceline.dashboard.mailed import forget_token, keep_token, kept_token, meant_token, say
from voiceline.dashboard.signing_up import TOO_OFTEN, within
from voiceline.errors import UserError
from voiceline.memberships import memberships_of
from voiceline.models import LinkPurpose
from voiceline.passwords import hash_password

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("forgotten", __name__)

PAGE = "forgotten.show_reset"
PER_NETWORK, OVERALL = 30, 500


@blueprint.get("/forgotten")
def show_form() -> ResponseReturnValue:
    """Ask for the address."""
    return render_template("forgotten.html", refused=None, email="")


@blueprint.post("/forgotten")
def submit_form() -> ResponseReturnValue:
    """Owe a link if somebody signs in with the address; nobody here is told."""
    email = request.form.get("email", "")
    if not within(request.remote_addr, "reset", PER_NETWORK, OVERALL):
        return render_template("forgotten.html", refused=TOO_OFTEN, email=email[:320]), 429
    with transaction_across() as database:
        password_resets.ask(database, email, secret=secret(), at=now())
    return redirect(url_for("forgotten.show_sent"), code=303)


@blueprint.get("/forgotten/sent")
def show_sent() -> ResponseReturnValue:
    """Say that a message is on its way, if somebody has the address."""
    why = (
        "If somebody signs in with that address, a message with a link is on its way. The link "
        "holds for an hour. Nothing came? Look among unwanted mail, then check the address."
    )
    return say("Look at your mail", why, label="Back to sign in")


@blueprint.get("/reset/<string(length=43):token>")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token out of the address."""
    return keep_token(token, PAGE)


@blueprint.get("/reset")
def show_reset() -> ResponseReturnValue:
    """Ask for the new password."""
    with transaction_across() as database:
        link = find_link(database, kept_token(PAGE), now(), LinkPurpose.PASSWORD)
    if link is None:
        return _leads_nowhere()
    return render_template("reset.html", link=link, refused=None)


@blueprint.post("/reset")
def choose_password() -> ResponseReturnValue:
    """Keep the new password, and ask to sign in with it like everybody."""
    token = meant_token(PAGE)
    with transaction_across() as database:
        link = find_link(database, token, now(), LinkPurpose.PASSWORD)
        places = memberships_of(database, link.user) if link else []
    if link is None:
        return _leads_nowhere()
    names = [link.user.name, *(place.business.name for place in places)]
    password = request.form.get("password", "")
    try:
        new = hash_password(password, email=link.user.email, names=names)
    except UserError as error:
        return render_template("reset.html", link=link, refused=str(error)), 422
    try:
        with transaction_across() as database:
            fresh = find_link(database, token, now(), LinkPurpose.PASSWORD)
            if fresh is None:
                return _leads_nowhere()
            password_resets.choose_password(database, fresh, new, now())
    except UserError:
        return _leads_nowhere()
    forget_token(PAGE)
    why = "Every session was ended. Sign in with the new password; a second step stays as it was."
    return say("Your password was changed", why)


def _leads_nowhere() -> ResponseReturnValue:
    why = "It may have been used, or be older than an hour. Your password stays as it was."
    again = {"to": "forgotten.show_form", "label": "Ask for another link"}
    return say("This link does not hold any more", why, code=404, **again)
