"""A person's own second step: the app that makes their codes, and their recovery codes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import segno
from flask import Blueprint, g, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests

from voiceline import code_apps, recovery_codes, second_steps
from voiceline.dashboard.context import now, sealer, secret, transaction_across, user
from voiceline.limits import limit_key, take
from voiceline.second_steps import LIMITS

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("two_step", __name__, url_prefix="/account/two-step")


@blueprint.get("")
def show_two_step() -> ResponseReturnValue:
    """Show whether codes are on, and new recovery codes this once."""
    with transaction_across() as database:
        is_on = code_apps.has_code_app(database, user())
        left = recovery_codes.count_left(database, user())
    new = None if request.method == "HEAD" else session.pop("recovery_codes", None)
    return render_template(
        "two_step.html", is_on=is_on, left=left, codes=new if is_on else None, wanted=_asking()
    )


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """Make a key for an app; nothing is asked for before the app has proved it."""
    with transaction_across() as database:
        if not code_apps.has_code_app(database, user()):
            code_apps.begin_code_app(database, user(), sealer(), now())
    return redirect(url_for("two_step.show_app"), code=303)


@blueprint.get("/app")
def show_app() -> ResponseReturnValue:
    """Show the key as a picture and as letters, and ask for the first code."""
    return _show_app(refused=False)


@blueprint.post("/app")
def confirm_app() -> ResponseReturnValue:
    """Turn codes on where the app's first one is right, and show the recovery codes."""
    code = request.form.get("code", "")
    codes = recovery_codes.make_codes()
    hashed = recovery_codes.hash_codes(codes)
    with transaction_across() as database:
        allowance, window = LIMITS["user.5min"]
        key = limit_key("two_step.add", str(user().id), secret())
        within = take(database, key=key, allowance=allowance, window=window, at=now())
        done = within and second_steps.turn_on(
            database, g.login, code, hashed, sealer=sealer(), at=now()
        )
    if not within:
        raise TooManyRequests(retry_after=int(window.total_seconds()))
    if not done:
        return _show_app(refused=True)
    session["recovery_codes"] = codes
    return redirect(url_for("two_step.show_two_step"), code=303)


@blueprint.post("/recovery-codes")
def renew_codes() -> ResponseReturnValue:
    """Make new recovery codes in place of the old ones."""
    codes = recovery_codes.make_codes()
    hashed = recovery_codes.hash_codes(codes)
    with transaction_across() as database:
        if code_apps.has_code_app(database, user()):
            second_steps.renew_recovery_codes(database, g.login, hashed, now())
            session["recovery_codes"] = codes
    return redirect(url_for("two_step.show_two_step"), code=303)


@blueprint.post("/turn-off")
def turn_off() -> ResponseReturnValue:
    """Ask for no more codes."""
    with transaction_across() as database:
        second_steps.turn_off(database, g.login, now())
    return redirect(url_for("two_step.show_two_step"), code=303)


def _show_app(*, refused: bool) -> ResponseReturnValue:
    with transaction_across() as database:
        key = code_apps.key_being_added(database, user(), sealer())
    if key is None:
        return redirect(url_for("two_step.show_two_step"), code=303)
    picture = _picture(code_apps.app_address(key, user()))
    groups = [key[at : at + 4] for at in range(0, len(key), 4)]
    page = render_template("code_app.html", picture=picture, groups=groups, refused=refused)
    return page, 422 if refused else 200


def _picture(address: str) -> Markup:
    """Draw the address as a QR code: an SVG without styles, which our policy would refuse."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=3, light="#fff"
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by segno from letters and digits


def _asking() -> str | None:
    """Name the business whose pages wait for a second step, if one does."""
    waiting = (each.business for each in g.memberships if each.business.needs_second_step)
    return next((business.name for business in waiting), None)
