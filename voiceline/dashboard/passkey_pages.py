"""A person's own passkeys: added, named, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for

from voiceline import passkeys, pending_sign_ins
from voiceline.dashboard.context import now, site, transaction_across, user
from voiceline.dashboard.passkey_sites import passkeys_work
from voiceline.dashboard.pending_cookie import pending_token, with_pending, without_pending
from voiceline.errors import UserError
from voiceline.last_way import check_not_last
from voiceline.models import PendingKind

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

blueprint = Blueprint("passkey_pages", __name__, url_prefix="/account/passkeys")


@blueprint.get("")
def show_passkeys() -> ResponseReturnValue:
    """List the person's passkeys."""
    return _show()


@blueprint.post("/challenge")
def send_challenge() -> ResponseReturnValue:
    """Send what the browser needs to make a key."""
    if not passkeys_work():
        abort(404)
    with transaction_across() as database:
        options, challenge = passkeys.options_to_add(database, user(), site())
        facts = {"challenge": challenge, "session": str(g.login.id)}
        kind = PendingKind.PASSKEY
        token = pending_sign_ins.begin(database, kind, now(), user=user(), facts=facts)
    return with_pending(Response(options, content_type="application/json"), token)


@blueprint.post("")
def add_passkey() -> ResponseReturnValue:
    """Keep the key that the browser made."""
    problem = None
    with transaction_across() as database:
        try:
            _add(database)
        except UserError as error:
            problem = str(error)
    if problem:
        return _show(problem), 422
    return without_pending(redirect(url_for("passkey_pages.show_passkeys"), code=303))


@blueprint.post("/<uuid:passkey_id>/rename")
def rename_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Call a key something else."""
    with transaction_across() as database:
        passkeys.rename(database, user(), passkey_id, request.form.get("name", ""), now())
    return redirect(url_for("passkey_pages.show_passkeys"), code=303)


@blueprint.post("/<uuid:passkey_id>/remove")
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    """Let a key open nothing any more."""
    try:
        with transaction_across() as database:
            passkeys.remove(database, g.login, passkey_id, now())
            check_not_last(database, user())
    except UserError as error:
        if type(error) is not UserError:
            raise
        return _show(str(error)), 422
    return redirect(url_for("passkey_pages.show_passkeys"), code=303)


def _add(database: Session) -> None:
    step = pending_sign_ins.find(database, pending_token(), now(), PendingKind.PASSKEY)
    mine = step is not None and step.facts.get("session") == str(g.login.id)
    if step is None or not mine or not pending_sign_ins.finish(database, step):
        raise UserError("That took longer than 5 minutes: please add the passkey again.")
    passkeys.add(
        database,
        g.login,
        request.form.get("answer", ""),
        challenge=step.facts.get("challenge", ""),
        name=request.form.get("name", ""),
        site=site(),
        at=now(),
    )


def _show(problem: str | None = None) -> str:
    with transaction_across() as database:
        keys = passkeys.passkeys_of(database, user())
    return render_template(
        "passkeys.html", keys=keys, problem=problem, works=passkeys_work(), host=site().host
    )
