"""How the people of a business sign in: its own provider, its domains, what its pages ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from voiceline import audit, providers, verified_domains
from voiceline.dashboard import openid, outgoing, provider_trips
from voiceline.dashboard.context import business, now, sealer, services, transaction, user
from voiceline.dashboard.kept_typing import kept_typing
from voiceline.dashboard.provider_trips import TEST, as_client, loopback
from voiceline.errors import NotFoundError, TemporaryFailure, UserError
from voiceline.models import Business, Role
from voiceline.providers import Wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from voiceline.models import VerifiedDomain

blueprint = Blueprint(
    "business_sign_in", __name__, url_prefix="/businesses/<uuid:business_id>/sign-in"
)


@blueprint.get("")
def show_settings(business_id: UUID) -> ResponseReturnValue:  # noqa: ARG001 - the gate read it
    """Show all of it."""
    typed = kept_typing("business_sign_in.set_provider")
    return _show(kept=typed or kept_typing("business_sign_in.add_domain"))


@blueprint.post("/provider")
def set_provider(business_id: UUID) -> ResponseReturnValue:
    """Keep the provider as described, where it can be one of ours."""

    def change(database: Session, found: Business) -> None:
        providers.set_provider(database, found, _wish(), sealer(), by=user(), at=now())

    return _change(business_id, change)


@blueprint.post("/provider/remove")
def remove_provider(business_id: UUID) -> ResponseReturnValue:
    """Take the provider away."""

    def change(database: Session, found: Business) -> None:
        providers.remove_provider(database, found, by=user(), at=now())

    return _change(business_id, change)


@blueprint.post("/provider/test")
def test_provider(business_id: UUID) -> ResponseReturnValue:
    """Set out to the provider; who comes back shows that it works."""
    with transaction() as database:
        row = providers.provider_of(database, business_id)
        provider = as_client(row) if row else None
    if provider is None:
        abort(404)
    return provider_trips.set_out(provider, TEST, login=g.login)


@blueprint.post("/rules")
def set_rules(business_id: UUID) -> ResponseReturnValue:
    """Say what the business's pages ask of everybody."""

    def change(database: Session, found: Business) -> None:
        only, step = "provider_only" in request.form, "second_step" in request.form
        providers.set_rules(
            database, found, g.login, provider_only=only, second_step=step, at=now()
        )

    return _change(business_id, change)


@blueprint.post("/domains")
def add_domain(business_id: UUID) -> ResponseReturnValue:
    """Note a domain that is to be verified."""

    def change(database: Session, found: Business) -> None:
        text = request.form.get("domain", "")[:300]
        verified_domains.claim(database, found, text, by=user(), at=now())

    return _change(business_id, change)


@blueprint.post("/domains/<uuid:domain_id>/check")
def check_domain(business_id: UUID, domain_id: UUID) -> ResponseReturnValue:
    """Ask the DNS now; no transaction waits for it."""
    with transaction() as database:
        name = verified_domains.record_name(verified_domains.find(database, business_id, domain_id))
    try:
        texts = services().dns.texts(name)
    except TemporaryFailure:
        return _show(
            "The DNS does not answer right now. Nothing has changed: try again later."
        ), 503

    def change(database: Session, _found: Business) -> None:
        row = verified_domains.find(database, business_id, domain_id)
        verified_domains.note_check(database, row, texts, at=now(), by=audit.staff(user()))

    return _change(business_id, change)


@blueprint.post("/domains/<uuid:domain_id>/remove")
def remove_domain(business_id: UUID, domain_id: UUID) -> ResponseReturnValue:
    """Let a domain count no more."""

    def change(database: Session, _found: Business) -> None:
        row = verified_domains.find(database, business_id, domain_id)
        verified_domains.remove(database, row, by=user(), at=now())

    return _change(business_id, change)


def _wish() -> Wish:
    fields = {
        name: " ".join(request.form.get(name, "").split())
        for name in ("name", "issuer", "client_id", "client_secret")
    }
    role = request.form.get("default_role", "")
    wish = Wish(**fields, default_role=Role(role) if role in set(Role) else Role.VIEWER)
    if not openid.is_allowed(wish.issuer, loopback=loopback()):
        raise UserError(
            "The issuer is an address that begins with https://, as the provider's own."
        )
    _check_public(wish.issuer)
    return wish


def _check_public(issuer: str) -> None:
    """Refuse an issuer inside our own network, where nobody outside could sign in either."""
    if loopback():
        return
    host = openid.host_of(issuer)
    try:
        outgoing.public_addresses(host, 443)
    except (OSError, ValueError):
        raise UserError(f"{host} is not on the Internet, as far as we can see.") from None


def _change(business_id: UUID, change: Callable[[Session, Business], None]) -> ResponseReturnValue:
    """Do it and come back to the page, which says why not where it is refused."""
    try:
        with transaction() as database:
            change(database, database.get_one(Business, business_id, with_for_update=True))
    except NotFoundError:
        raise
    except UserError as error:
        return _show(str(error)), 422
    page = url_for("business_sign_in.show_settings", business_id=business_id, done="yes")
    return redirect(page, code=303)


def _show(problem: str | None = None, *, kept: dict[str, str] | None = None) -> str:
    with transaction() as database:
        provider = providers.provider_of(database, business().id)
        domains = verified_domains.domains_of(database, business().id)
        out = providers.locked_out(database, business().id) if provider else []
        rules = database.get_one(Business, business().id)
    if provider:
        g.form_targets = [openid.origin_of(provider.issuer)]
    return render_template(
        "business_sign_in.html",
        rules=rules,
        provider=provider,
        domains=[(each, *_record(each)) for each in domains],
        out=out,
        problem=problem,
        base=services().settings.dashboard_url,
        typed=kept or request.form,
        kept=kept,
        done=request.args.get("done") == "yes",
    )


def _record(row: VerifiedDomain) -> tuple[str, str]:
    return verified_domains.record_name(row), verified_domains.record_value(row)
