"""`voiceline storage`: the bucket's own expiry, the second safety behind ours; and orphans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from jobs.strays import walk
from voiceline import strays
from voiceline.bootstrap import bucket_faults, build, set_up_bucket
from voiceline.commands.context import database, read_settings

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


@storage.command("orphans")
@click.option("--mend", is_flag=True, help="Compare now, and mend what can be mended.")
@click.pass_context
def orphans(context: click.Context, *, mend: bool) -> None:
    """Tell of rows without their object and of objects without a row; exit status 1 for any.

    The comparison runs each night; `--mend` does not wait for it. It fetches again what the carrier
    still has, and takes on what it still remembers; nothing is deleted before its time.
    """
    services = build(read_settings())
    try:
        if mend:
            walk(services, until=math.inf, anew=True)
        with services.sessions.begin() as session:
            missed, kept = strays.missed(session), strays.kept(session)
            ended_at = strays.counts(session)[2]
    finally:
        services.engine.dispose()
    click.echo(f"Compared last: {f'{ended_at:%Y-%m-%d %H:%M} UTC' if ended_at else 'never yet'}.")
    for row in missed:
        click.echo(f"voicemail {row.id}: lost, found so {row.missed_at:%Y-%m-%d}")
    for stray in kept:
        click.echo(f"{stray.key}: no row, found {stray.seen_at:%Y-%m-%d}")
    if missed or kept:
        context.exit(FAILED)
    click.echo("Every voicemail has its object, and every object its row.")


@storage.command("metrics")
def metrics() -> None:
    """Print what the last comparison found, as Prometheus's textfile collector reads it."""
    with database() as session:
        click.echo(strays.write_metrics(session), nl=False)


def _is_folder(settings: Settings) -> bool:
    if settings.store != "folder":
        return False
    click.echo(f"Voicemails are kept in {settings.data_dir / 'store'}; a folder needs no rules.")
    return True
