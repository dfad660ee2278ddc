"""The pages behind links that prove or keep an address; the button does it, never the link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from voiceline import address_changes
from voiceline.account_links import find_link
from voiceline.business_settings import confirm_address
from voiceline.dashboard.context import now, transaction_across
from voiceline.dashboard.mailed import forget_token, keep_token, kept_token, meant_token, say
from voiceline.errors import UserError
from voiceline.models import LinkPurpose

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("links", __name__, url_prefix="/link")

PAGE = "links.show_link"

DOES = {
    LinkPurpose.NEW_ADDRESS: address_changes.change,
    LinkPurpose.KEEP_ADDRESS: address_changes.keep,
    LinkPurpose.NOTIFY_ADDRESS: confirm_address,
}
"""What each of these links is for."""

DONE = {
    LinkPurpose.NEW_ADDRESS: (
        "Your address was changed",
        "From now on you sign in with it. The address of before was told.",
    ),
    LinkPurpose.KEEP_ADDRESS: (
        "Your address stays as it was",
        "All sessions and the password were ended. Look at your mail for a link to a new one.",
    ),
    LinkPurpose.NOTIFY_ADDRESS: (
        "This address is confirmed",
        "From now on it is told of each new request, without what the consumer said.",
    ),
}


@blueprint.get("/<string(length=43):token>")
def open_link(token: str) -> ResponseReturnValue:
    """Take the token out of the address."""
    return keep_token(token, PAGE)


@blueprint.get("")
def show_link() -> ResponseReturnValue:
    """Show what the link is for, with the button that does it."""
    with transaction_across() as database:
        link = find_link(database, kept_token(PAGE), now(), *DOES)
    return render_template("link.html", link=link) if link else _leads_nowhere()


@blueprint.post("")
def use_link() -> ResponseReturnValue:
    """Do what the link is for, once."""
    token = meant_token(PAGE)
    try:
        with transaction_across() as database:
            link = find_link(database, token, now(), *DOES)
            if link is None:
                return _leads_nowhere()
            DOES[link.purpose](database, link, now())
    except UserError as error:
        return say("That cannot be done any more", str(error), code=422)
    forget_token(PAGE)
    what, why = DONE[link.purpose]
    return say(what, why)


def _leads_nowhere() -> ResponseReturnValue:
    why = "It may have been used, or be too old. Ask for another one where you asked for this."
    return say("This link does not hold any more", why, code=404)
