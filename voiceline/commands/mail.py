"""`voiceline mail`: what was given up and is to be sent after all."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import click

from voiceline.commands.context import now, transactions
from voiceline.deliveries import TOLD_FOR
from voiceline.lost_mail import lost_mail, owe_again


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
    done: Counter[bool | None] = Counter()
    with transactions() as sessions:
        with sessions() as session:
            found = lost_mail(session, since=begin, addresses=addresses)
        for delivery_id in found:
            with sessions.begin() as session:
                done[owe_again(session, delivery_id, at=now())] += 1
    click.echo(f"{done[True]} messages are owed again and go out with the queue notify.")
    if overtaken := done[False]:
        click.echo(
            f"{overtaken} stay given up: they were overtaken by another message, tell of what has "
            "changed since, are past their date, or went to an address that is another by now."
        )
