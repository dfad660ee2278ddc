"""`voiceline db`, `voiceline spool`: the schema, and what waited while it was away."""

from __future__ import annotations

import click

from voiceline import log_repair, schema, spool
from voiceline.businesses import open_operator
from voiceline.canary import open_sentinel
from voiceline.commands.context import now, read_settings, transactions
from voiceline.database import make_engine, make_sessions


@click.group()
def db() -> None:
    """Look after the database's schema."""


@db.command("upgrade")
@click.option("--operator", default="Voiceline", show_default=True, help="The operator's name.")
def upgrade(operator: str) -> None:
    """Bring the database up to date; the first time, open the operator's account (code 1).

    And the account that canary calls reach, which has no members and no callers.
    """
    engine = make_engine(read_settings().database)
    before = schema.current(engine)
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        open_operator(session, name=operator, at=now())
        open_sentinel(session, at=now())
    engine.dispose()
    after = schema.newest()
    click.echo(f"Already at {after}." if before == after else f"Upgraded to {after}.")


@db.command("repair")
def repair() -> None:
    """Write into the log, and give a date, what an earlier version filed after an upgrade.

    Needed once where processes of the earlier version still ran when the database was upgraded
    already. It may run while calls come in; run twice, it does nothing the second time.
    """
    written, after = 0, None
    with transactions() as sessions:
        while True:
            with sessions() as session:
                piece = log_repair.look_for_gaps(session, after=after)
            if piece.last is None:
                break
            for request_id in sorted(piece.requests):
                with sessions.begin() as session:
                    written += log_repair.repair(session, request_id, at=now())
            after = piece.last
    click.echo(f"{written} requests were written into the log.")


@click.group("spool")
def spool_group() -> None:
    """Look after what the carrier told us while the database was away."""


@spool_group.command("list")
def list_() -> None:
    """Say how many events wait, and which files need a person; nothing in them is shown."""
    damaged: list[str] = []
    events = spool.events(read_settings().spool_dir, lambda path, _: damaged.append(path.name))
    click.echo(f"{sum(1 for _ in events)} events wait to be fed in.")
    for name in damaged:
        click.echo(f"{name} cannot be read: see what is left of it, then delete it.")


@spool_group.command("replay")
def replay() -> None:
    """Feed the waiting events of this machine in now.

    Workers do it every ten seconds where they share the folder; run this on a machine that
    only serves the fallback.
    """
    from jobs.upkeep import replay_spool  # noqa: PLC0415 - a command's own import

    folder = read_settings().spool_dir
    before = sum(1 for _ in spool.events(folder))
    replay_spool()
    left = sum(1 for _ in spool.events(folder))
    click.echo(f"{before - left} events fed in, {left} left.")
