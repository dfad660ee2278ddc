"""`voiceline data-map`: what the service holds about people, for who asks on service code 1."""

from __future__ import annotations

import click

from voiceline.commands.context import database
from voiceline.data_map import count_about, read_person, write_answer


@click.command("data-map")
@click.option(
    "--about", is_flag=True, help="Count what is held about one person, of all businesses."
)
def data_map(*, about: bool) -> None:
    """Print what is held about people: which categories, why, until when, and with which vendors.

    With --about, the address or number is asked for, so that no shell remembers it. Check first
    that it is who asks that it belongs to (privacy policy, L105): the answer itself says something.
    """
    if not about:
        click.echo("\n".join(write_answer()))
        return
    person = read_person(click.prompt("E-mail address or phone number", err=True))
    with database() as session:
        counts = count_about(session, person)
    click.echo("\n".join(write_answer(counts)))
