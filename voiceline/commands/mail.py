"""`voiceline mail`: what was given up and is to be sent after all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from voiceline.commands.context import now, transactions
from voiceline.deliveries import TOLD_FOR
from voiceline.lost_mail import Batch, owe_again

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker


@click.group()
def mail() -> None:
    """Look after the messages that could not be sent."""


@mail.command("again")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only what was given up since this day (UTC).  [default: 7 days ago]",
)
@click.option(
    "--addresses",
    is_flag=True,
    help="Also what was refused because of its address: for a server that refused all of them.",
)
def again(since: datetime | None, *, addresses: bool) -> None:
    """Owe again what was given up for reasons of ours, once each; the workers send it.

    It is the same message with the same Message-ID. Run twice, it does nothing the second time.
    """
    begin = since.replace(tzinfo=UTC) if since else now() - TOLD_FOR
    with transactions() as sessions:
        done = _all(sessions, begin, addresses=addresses)
    click.echo(f"{done.owed} messages are owed again and go out with the queue notify.")
    if done.overtaken:
        click.echo(
            f"{done.overtaken} stay given up: they were overtaken by another message, tell of "
            "what has changed since, or went to an address that is another by now."
        )


def _all(sessions: sessionmaker[Session], since: datetime, *, addresses: bool) -> Batch:
    """Go through all of it, one transaction a piece."""
    at, done, after = now(), Batch(), None
    while True:
        with sessions.begin() as session:
            batch = owe_again(session, since=since, at=at, addresses=addresses, after=after)
        if batch.last is None:
            return done
        done, after = done + batch, batch.last
