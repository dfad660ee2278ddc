"""`voiceline business sites`, `allow-site`, `forbid-site`: where a business's form may be shown."""

from __future__ import annotations

import click

from voiceline import allowed_sites, businesses
from voiceline.audit import OPERATOR
from voiceline.commands.context import database, now


@click.command("allow-site")
@click.argument("name_or_code")
@click.argument("site")
def allow_site(name_or_code: str, site: str) -> None:
    """Let a business's form be shown on the pages of SITE, such as https://www.acme.example."""
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        origin = allowed_sites.allow_site(session, found, site, by=OPERATOR, at=now())
    click.echo(f"{found.name}'s form may be shown on {origin}.")


@click.command("forbid-site")
@click.argument("name_or_code")
@click.argument("site")
def forbid_site(name_or_code: str, site: str) -> None:
    """Let a business's form be shown on the pages of SITE no more."""
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        origin = allowed_sites.forbid_site(session, found, site, by=OPERATOR, at=now())
    click.echo(f"{found.name}'s form is no longer shown on {origin}.")


@click.command("sites")
@click.argument("name_or_code")
def list_sites(name_or_code: str) -> None:
    """List the sites on which a business's form may be shown."""
    with database() as session:
        found = businesses.find_business(session, name_or_code)
        sites = allowed_sites.sites_of(session, found)
    click.echo("\n".join(sites) or "None: the form opens at its own address only.")
