"""The page without a code: it asks for one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request

from voiceline.consumer.wording import to
from voiceline.rules.service_codes import is_service_code

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def show_front() -> ResponseReturnValue:
    """Ask for the service code, or go to the form of the one that was given."""
    typed = request.args.get("code")
    if typed is None:
        return render_template("front.html")
    code = "".join(unicodedata.normalize("NFKC", typed).split()).rstrip("#")
    if not is_service_code(code):
        abort(404)
    return redirect(to(f"/{code}"), code=303)
