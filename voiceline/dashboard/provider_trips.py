"""A browser's trip to a provider and back: what is kept meanwhile, and that it counts once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, redirect, render_template, request, url_for

from voiceline import login_sessions, pending_sign_ins
from voiceline.dashboard import openid
from voiceline.dashboard.context import now, sealer, services, transaction_across
from voiceline.dashboard.login_cookie import token_sent
from voiceline.dashboard.openid import Provider
from voiceline.dashboard.pending_cookie import pending_token, with_pending
from voiceline.errors import NotFoundError
from voiceline.models import PendingKind
from voiceline.providers import PURPOSE, find_provider

if TYPE_CHECKING:
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import IdentityProvider, LoginSession

SIGN_IN, LINK, TEST, CONFIRM = "sign_in", "link", "test", "confirm"
"""What somebody goes to a provider for."""


@dataclass(frozen=True)
class Trip:
    """One that has come to its end."""

    proven: openid.Proven
    provider: Provider
    purpose: str
    wanted: str
    fresh: bool
    login_id: str
    """The session in which it began; empty: none."""


def google() -> Provider | None:
    """Answer Google, where the operator has set it up."""
    settings = services().settings
    if not settings.google_client_id:
        return None
    secret = settings.google_client_secret.get_secret_value()
    return Provider("Google", settings.google_issuer, settings.google_client_id, secret)


def provider_by(database: Session, provider_id: UUID) -> Provider:
    """Answer a business's provider, or raise NotFoundError."""
    row = find_provider(database, provider_id)
    if row is None:
        raise NotFoundError("no such provider")
    return as_client(row)


def as_client(row: IdentityProvider) -> Provider:
    """Answer the provider as we are its client."""
    secret = sealer().open(row.sealed_secret, purpose=PURPOSE)
    return Provider(row.name, row.issuer, row.client_id, secret, row.id)


def loopback() -> bool:
    """Tell whether providers on this machine may be asked."""
    return services().settings.environment == "development"


def set_out(
    provider: Provider,
    purpose: str,
    *,
    wanted: str = "",
    login: LoginSession | None = None,
) -> ResponseReturnValue:
    """Send the browser to the provider, with a cookie that it must bring back."""
    back = services().settings.dashboard_url + _way_back(provider)
    try:
        there, kept = openid.start(provider, back, anew=purpose == CONFIRM, loopback=loopback())
    except openid.ProviderDown:
        return render_template("provider_down.html", provider=provider, wanted=wanted), 503
    facts = kept | {
        "provider": str(provider.id or ""),
        "purpose": purpose,
        "wanted": wanted,
        "session": str(login.id) if login else "",
    }
    with transaction_across() as database:
        kind = PendingKind.PROVIDER
        token = pending_sign_ins.begin(database, kind, now(), facts=facts)
    if openid.origin_of(there) == openid.origin_of(provider.issuer):
        return with_pending(redirect(there, code=303), token)
    # the policy of the page with the form names the issuer's origin alone
    page = current_app.make_response(
        render_template("going_on.html", provider=provider, there=there)
    )
    return with_pending(page, token)


def end(provider: Provider) -> Trip:
    """Answer the trip that ends with this request, once; ProviderRefused for any other."""
    with transaction_across() as database:
        kind = PendingKind.PROVIDER
        step = pending_sign_ins.find(database, pending_token(), now(), kind)
        mine = step is not None and step.facts["provider"] == str(provider.id or "")
        if step is None or not mine or not pending_sign_ins.finish(database, step):
            raise openid.ProviderRefused("no browser set out for this")
    kept = step.facts
    said = {name: request.args[name] for name in request.args if _is_single(name)}
    proven = openid.come_back(provider, said, kept, loopback=loopback())
    return Trip(
        proven=proven,
        provider=provider,
        purpose=kept["purpose"],
        wanted=kept["wanted"],
        fresh=openid.is_fresh(proven, kept),
        login_id=kept["session"],
    )


def session_of(database: Session, trip: Trip) -> LoginSession | None:
    """Answer the session in which the trip began, if the browser still has it."""
    login = login_sessions.find_session(database, token_sent(), now())
    return login if login and trip.login_id and str(login.id) == trip.login_id else None


def _is_single(name: str) -> bool:
    return len(request.args.getlist(name)) == 1


def _way_back(provider: Provider) -> str:
    """Answer the address that is this provider's alone (RFC 9700, 4.4.2)."""
    if provider.id is None:
        return url_for("sign_in_with.return_from_google")
    return url_for("sign_in_with.return_from_provider", provider_id=provider.id)
