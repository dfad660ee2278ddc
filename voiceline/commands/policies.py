"""`voiceline policy`: the versions of the privacy policy that things are collected under."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from voiceline import policies as verbs
from voiceline.commands.context import database, now
from voiceline.models import PolicyVersion


@click.group()
def policy() -> None:
    """Publish a version of the privacy policy; each request keeps the one it came under."""


@policy.command("publish")
@click.argument("name")
@click.option("--address", required=True, help="Where its text stays readable: https://...")
@click.option(
    "--from",
    "begins",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day (UTC) from whose beginning on it is in force.",
)
@click.option("--material", is_flag=True, help="Tell the owners of every account, by mail.")
def publish(name: str, address: str, begins: datetime, *, material: bool) -> None:
    """Publish a version, as 2026-12-01. A material change needs 30 days."""
    with database() as session:
        at = now()
        version = PolicyVersion(
            name=name,
            address=address,
            effective_at=begins.replace(tzinfo=UTC),
            material=material,
            published_at=at,
        )
        told = verbs.publish(session, version, at)
    click.echo(f"Published. Accounts whose owners are told: {told}.")


@policy.command("list")
def show() -> None:
    """List the versions, the newest first, and mark the one in force."""
    with database() as session:
        current = verbs.in_force(session, now())
        for each in verbs.versions(session):
            mark = "in force" if each.name == current else ""
            material = "material" if each.material else "-"
            line = f"{each.name}  {each.effective_at:%Y-%m-%d}  {material}  {each.address}  {mark}"
            click.echo(line.rstrip())
