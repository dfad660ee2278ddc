"""A person's own accounts at providers, which sign them in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from voiceline import identities
from voiceline.dashboard import openid, provider_trips
from voiceline.dashboard.context import now, services, transaction_across, user
from voiceline.dashboard.provider_trips import LINK, google
from voiceline.errors import NotFoundError, UserError

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

blueprint = Blueprint("identity_pages", __name__, url_prefix="/account/sign-in-with")


@blueprint.get("")
def show_identities() -> ResponseReturnValue:
    """List the accounts, and offer Google's."""
    return _show()


@blueprint.post("/google")
def link_google() -> ResponseReturnValue:
    """Set out to Google, whose account is linked on the way back."""
    provider = google()
    if provider is None:
        abort(404)
    return provider_trips.set_out(provider, LINK, login=g.login)


@blueprint.post("/<uuid:identity_id>/remove")
def unlink(identity_id: UUID) -> ResponseReturnValue:
    """Let an account sign in here no more."""
    try:
        with transaction_across() as database:
            identities.unlink(database, g.login, identity_id, now())
    except NotFoundError:
        raise
    except UserError as error:
        return _show(str(error)), 422
    return redirect(url_for("identity_pages.show_identities"), code=303)


def _show(problem: str | None = None) -> str:
    settings = services().settings
    with transaction_across() as database:
        found = identities.identities_of(database, user())
    if settings.google_client_id:
        g.form_targets = [openid.origin_of(settings.google_issuer)]
    return render_template(
        "identities.html",
        identities=found,
        google=settings.google_issuer if settings.google_client_id else None,
        problem=problem,
        done=request.args.get("done") == "yes",
    )
