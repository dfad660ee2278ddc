"""The link in the message: the page asks, the button confirms.

Mail programs and scanners open links by themselves: opening one changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template

from voiceline import email_links
from voiceline.consumer.context import now, transaction
from voiceline.consumer.wording import to

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("confirm", __name__)


@blueprint.get("/confirm/<token>")
def show_question(token: str) -> ResponseReturnValue:
    """Ask whether the address is theirs, or say that it is confirmed."""
    with transaction() as session:
        link = email_links.find_link(session, token, now())
    if link is None:
        return render_template("confirm.html", link=None), 404
    return render_template("confirm.html", link=link, token=token)


@blueprint.post("/confirm/<token>")
def confirm(token: str) -> ResponseReturnValue:
    """Note that whoever has the link reads mail there."""
    with transaction() as session:
        link = email_links.confirm(session, token, at=now())
    if link is None:
        return render_template("confirm.html", link=None), 404
    return redirect(to(f"/confirm/{token}"), code=303)
