"""`voiceline canary`: call the line as a consumer does, and tell what was proven."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from voiceline.bootstrap import build
from voiceline.canary import last_proofs
from voiceline.canary_files import write_metrics
from voiceline.commands.context import database, read_settings
from voiceline.errors import UserError
from voiceline.models import CanaryCall
from voiceline.rules.canary import STEP_WORDS, CanaryOutcome, CanaryStep

if TYPE_CHECKING:
    from uuid import UUID

    from voiceline.bootstrap import Services

FAILED = 1
LOOK_SECONDS = 1.0
LISTED = 20


@click.group(invoke_without_command=True)
@click.option("--wait", is_flag=True, help="Watch it; exit status 1 when the line is not proven.")
@click.pass_context
def canary(context: click.Context, *, wait: bool) -> None:
    """Place a canary call now, from VOICELINE_CANARY_FROM, as the schedule does.

    It takes a minute of two lines. Workers of the queues must run, as for any call.
    """
    if context.invoked_subcommand is not None:
        return
    from jobs.canary import place  # noqa: PLC0415 - a command's own import

    settings = read_settings()
    if not settings.canary_from:
        raise UserError("Set VOICELINE_CANARY_FROM to a number of yours at the carrier first.")
    services = build(settings)
    placed = place(services)
    if placed is None:
        raise UserError(
            "No call was placed: one is under way or was placed in the last two minutes, or "
            "`voiceline db upgrade` was not run. See `voiceline canary list`."
        )
    click.echo("A call is placed.")
    if wait and not _watch(services, placed):
        context.exit(FAILED)


@canary.command("list")
@click.option("--number", help="Only calls to this number.")
def list_(number: str | None) -> None:
    """Show the latest calls, newest first, and where each one ended."""
    with database() as session:
        rows = last_proofs(session, LISTED, number=number)
        for row in rows:
            click.echo(_line(row))
    if not rows:
        click.echo("No canary call was placed so far.")


@canary.command("metrics")
def metrics() -> None:
    """Print the figures for Prometheus, for the textfile collector of its node exporter."""
    with database() as session:
        click.echo(write_metrics(session), nl=False)


def _watch(services: Services, canary_id: UUID) -> bool:
    """Tell each step as it is proven, until the call is judged."""
    from jobs.canary import advance  # noqa: PLC0415 - the same

    told: set[CanaryStep] = set()
    while True:
        outcome = advance(services, canary_id)
        with services.sessions() as session:
            row = session.get_one(CanaryCall, canary_id)
        _tell(row, told)
        if outcome is not None:
            click.echo(_line(row))
            return outcome != CanaryOutcome.FAILED
        time.sleep(LOOK_SECONDS)


def _tell(row: CanaryCall, told: set[CanaryStep]) -> None:
    for step, words in STEP_WORDS.items():
        moment = row.moment(step)
        if moment is not None and step not in told:
            told.add(step)
            click.echo(f"{(moment - row.placed_at).total_seconds():7.1f} s  {words}")


def _line(row: CanaryCall) -> str:
    """Answer one call in one line."""
    when = f"{row.placed_at:%Y-%m-%d %H:%M} UTC  {row.number}  {row.language}"
    if row.outcome is None:
        return f"{when}  under way"
    if row.outcome != CanaryOutcome.FAILED:
        return f"{when}  {row.outcome.value}"
    step = STEP_WORDS[row.failed_step] if row.failed_step else "an unknown step"
    return f"{when}  FAILED: not proven that {step} ({row.reason})"
