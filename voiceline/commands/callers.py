"""`voiceline caller`: numbers whose calls are turned away."""

from __future__ import annotations

import click

from voiceline import businesses
from voiceline.commands.context import database, now


@click.group()
def caller() -> None:
    """Turn known abusers away before they cost anything."""


@caller.command("block")
@click.argument("number")
@click.option("--reason", required=True, help="Why, for whoever reads the list later.")
def block(number: str, reason: str) -> None:
    """Reject calls from NUMBER (E.164), unanswered and unbilled."""
    with database() as session:
        businesses.block_caller(session, number, reason=reason, at=now())
    click.echo("Blocked; it takes a few seconds to reach every process.")


@caller.command("unblock")
@click.argument("number")
def unblock(number: str) -> None:
    """Answer calls from NUMBER again."""
    with database() as session:
        businesses.unblock_caller(session, number)
    click.echo("Unblocked.")
