"""`voiceline clock`: whether the database's clock is believed, by which voicemails expire."""

from __future__ import annotations

import click

from voiceline.audit import OPERATOR
from voiceline.clock import confirm, look
from voiceline.commands.context import database, now
from voiceline.rules.clocks import DOUBT_WORDS

FAILED = 1
MOMENT = "%Y-%m-%d %H:%M:%S UTC"


@click.group("clock")
def clock() -> None:
    """Look at the clock by which voicemails expire, and confirm it after a long standstill."""


@clock.command("show")
@click.pass_context
def show(context: click.Context) -> None:
    """Show both clocks and what was seen last; exit status 1 when nothing expires by them."""
    with database() as session:
        found = look(session, process=now())
    seen = f"{found.seen_at:{MOMENT}}" if found.seen_at else "never"
    click.echo(f"The database's clock shows {found.at:{MOMENT}}; last believed: {seen}.")
    if found.doubt is not None:
        click.echo(f"Nothing expires: {DOUBT_WORDS[found.doubt]}")
        context.exit(FAILED)
    click.echo("Voicemails expire by it.")


@clock.command("confirm")
def confirm_it() -> None:
    """Believe the database's clock as it is: compare it with the time of day first."""
    with database() as session:
        at = confirm(session, by=OPERATOR, process=now())
    click.echo(f"Voicemails expire by the database's clock again; it shows {at:{MOMENT}}.")
