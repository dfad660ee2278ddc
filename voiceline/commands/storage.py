"""`voiceline storage`: the bucket's own expiry, the second safety behind ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voiceline.bootstrap import bucket_faults, set_up_bucket
from voiceline.commands.context import read_settings

if TYPE_CHECKING:
    from voiceline.settings import Settings

FAILED = 1


@click.group()
def storage() -> None:
    """Set up and check where voicemails are kept."""


@storage.command("setup")
def setup() -> None:
    """Write the lifecycle rules by tier into the bucket; rules of others are left alone."""
    settings = read_settings()
    if _is_folder(settings):
        return
    for fault in bucket_faults(settings):
        click.echo(f"Now: {fault}")
    changed = set_up_bucket(settings)
    click.echo("The bucket's rules are set." if changed else "The bucket's rules were right.")


@storage.command("check")
@click.pass_context
def check(context: click.Context) -> None:
    """Compare the bucket's rules with what they should be; exit status 1 when they differ."""
    settings = read_settings()
    if _is_folder(settings):
        return
    faults = bucket_faults(settings)
    for fault in faults:
        click.echo(fault)
    if faults:
        click.echo("Run `voiceline storage setup` to put this right.")
        context.exit(FAILED)
    click.echo("The bucket's rules are right.")


def _is_folder(settings: Settings) -> bool:
    if settings.store != "folder":
        return False
    click.echo(f"Voicemails are kept in {settings.data_dir / 'store'}; a folder needs no rules.")
    return True
