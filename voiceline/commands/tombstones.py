"""`voiceline tombstones`: what was erased stays so when an older dump is restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voiceline import erasing
from voiceline import tombstones as verbs
from voiceline.bootstrap import build
from voiceline.commands.context import database, now, read_settings, transactions

if TYPE_CHECKING:
    from typing import TextIO

FAILED = 1


@click.group()
def tombstones() -> None:
    """Keep the list of what was erased, and erase it again after a dump was restored."""


@tombstones.command("export")
def export() -> None:
    """Print the list, a line of JSON each: keep it apart from the dumps."""
    with database() as session:
        for line in verbs.write_out(session):
            click.echo(line)


@tombstones.command("import")
@click.argument("file", type=click.File(encoding="utf-8"))
def take_in(file: TextIO) -> None:
    """Take in a list that was printed before; the same twice is once."""
    with database() as session:
        count = verbs.read_in(session, file)
    click.echo(f"{count} read.")


@tombstones.command("apply")
@click.pass_context
def apply(context: click.Context) -> None:
    """Erase again what a restored dump brought back; exit status 1 while a place refuses."""
    services, left = build(read_settings()), 0
    services.store.keys.prove(first=False)
    with transactions() as sessions:
        with sessions.begin() as session:
            risen = verbs.find_risen(session)
        for each in risen:
            with sessions.begin() as session:
                found = erasing.erase_risen(session, services, each, now())
            if found is not None and not found.done:
                left += 1
                for place, reason in sorted(found.refusals.items()):
                    click.echo(f"{each}: {place}: {reason}")
    click.echo(f"{len(risen) - left} erased again.")
    if left:
        click.echo(f"{left} not in every place: run it again.")
        context.exit(FAILED)
