"""`voiceline twilio`: point the carrier's numbers at us, after showing what that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from voiceline.bootstrap import number_changes, set_up_number
from voiceline.commands.context import read_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

FAILED = 1


@click.group()
def twilio() -> None:
    """Set up and check the numbers at the carrier."""


@twilio.command("setup")
@click.argument("number", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
def setup(number: str | None, *, yes: bool) -> None:
    """Send the calls of NUMBER (default: every number of the settings) to us."""
    settings = read_settings()
    for wanted in [number] if number else settings.twilio_numbers:
        changes = number_changes(settings, wanted)
        _show(wanted, changes)
        if changes and (yes or click.confirm("Make these changes at the carrier?", abort=True)):
            set_up_number(settings, wanted, changes)
            click.echo("Done.")


@twilio.command("check")
@click.argument("number", required=False)
@click.pass_context
def check(context: click.Context, number: str | None) -> None:
    """Compare the numbers with what they should be; exit status 1 when they differ."""
    settings = read_settings()
    differing = 0
    for wanted in [number] if number else settings.twilio_numbers:
        changes = number_changes(settings, wanted)
        _show(wanted, changes)
        differing += bool(changes)
    if differing:
        click.echo("Run `voiceline twilio setup` to put this right.")
        context.exit(FAILED)


def _show(number: str, changes: Sequence[Any]) -> None:
    if not changes:
        click.echo(f"{number}: its calls come to us.")
        return
    click.echo(f"{number}:")
    for change in changes:
        click.echo(f"  {change.field}: {change.old or '(nothing)'} -> {change.new or '(nothing)'}")
