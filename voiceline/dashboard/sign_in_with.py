"""Signing in with a provider: Google, or the one of a business."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from voiceline import login_sessions
from voiceline.dashboard import openid, provider_trips, trip_ends
from voiceline.dashboard.addresses import local_path
from voiceline.dashboard.context import now, secret, transaction_across
from voiceline.dashboard.login_cookie import token_sent
from voiceline.dashboard.pending_cookie import without_pending
from voiceline.dashboard.provider_trips import SIGN_IN, google, provider_by
from voiceline.dashboard.sign_in import show_ways
from voiceline.limits import counted_address, limit_key, take
from voiceline.pending_sign_ins import LASTS
from voiceline.providers import find_provider, provider_for

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue

    from voiceline.dashboard.openid import Provider

blueprint = Blueprint("sign_in_with", __name__, url_prefix="/sign-in")

TRIPS = 30
"""How often one network address may set out in the time that a step lasts."""


@blueprint.get("/company")
def show_company() -> ResponseReturnValue:
    """Ask for the address by whose domain the company is found."""
    wanted = local_path(request.args.get("next"))
    return render_template("company.html", wanted=wanted, email="", unknown=False)


@blueprint.post("/company")
def find_company() -> ResponseReturnValue:
    """Lead on to the provider of the business that has verified the domain."""
    wanted, email = local_path(request.form.get("next")), request.form.get("email", "")[:320]
    with transaction_across() as database:
        found = provider_for(database, email)
    if found is None:
        return render_template("company.html", wanted=wanted, email=email, unknown=True), 422
    page = url_for("sign_in_with.show_provider", provider_id=found.id, next=wanted)
    return redirect(page, code=303)


@blueprint.get("/with/<uuid:provider_id>")
def show_provider(provider_id: UUID) -> ResponseReturnValue:
    """Show the one button that leads to a business's provider."""
    with transaction_across() as database:
        found = find_provider(database, provider_id)
    if found is None:
        abort(404)
    g.form_targets = [openid.origin_of(found.issuer)]
    return render_template(
        "sign_in_provider.html",
        provider=found,
        business=found.business,
        wanted=local_path(request.args.get("next")),
    )


@blueprint.post("/with/google")
def start_google() -> ResponseReturnValue:
    """Set out to Google."""
    return _set_out(google())


@blueprint.post("/with/<uuid:provider_id>")
def start_provider(provider_id: UUID) -> ResponseReturnValue:
    """Set out to a business's provider."""
    with transaction_across() as database:
        provider = provider_by(database, provider_id)
    return _set_out(provider)


@blueprint.get("/with/google/return")
def return_from_google() -> ResponseReturnValue:
    """See who has come back from Google."""
    return _return(google())


@blueprint.get("/with/<uuid:provider_id>/return")
def return_from_provider(provider_id: UUID) -> ResponseReturnValue:
    """See who has come back from a business's provider."""
    with transaction_across() as database:
        provider = provider_by(database, provider_id)
    return _return(provider)


def _set_out(provider: Provider | None) -> ResponseReturnValue:
    if provider is None:
        abort(404)
    with transaction_across() as database:
        address = counted_address(request.remote_addr)
        key = limit_key("trip.address", address, secret())
        within = take(database, key=key, allowance=TRIPS, window=LASTS, at=now())
    if not within:
        raise TooManyRequests(retry_after=int(LASTS.total_seconds()))
    wanted = local_path(request.form.get("next")) or ""
    return provider_trips.set_out(provider, SIGN_IN, wanted=wanted)


def _return(provider: Provider | None) -> ResponseReturnValue:
    if provider is None:
        return redirect(url_for("sign_in.show_form"), code=303)
    try:
        trip = provider_trips.end(provider)
    except openid.ProviderDown:
        return render_template("provider_down.html", provider=provider, wanted=""), 503
    except openid.ProviderRefused:
        return _refused(provider)
    return trip_ends.END[trip.purpose](trip)


def _refused(provider: Provider) -> ResponseReturnValue:
    """Say that nobody was signed in, where the browser came from."""
    problem = (
        f"{provider.name} did not sign you in, or it took longer than 10 minutes. Nothing has "
        "changed: try again, or use another way."
    )
    with transaction_across() as database:
        known = login_sessions.session_user(database, token_sent(), now(), active=False)
    if known:
        page = render_template("trip_refused.html", problem=problem)
    else:
        page = show_ways(None, problem=problem)
    answer = current_app.make_response((page, 422))
    return without_pending(answer)
