"""`voiceline code`: what callers key, and what they hear then."""

from __future__ import annotations

from pathlib import Path

import click

from voiceline import businesses, greetings
from voiceline.audit import OPERATOR
from voiceline.commands.context import database, now
from voiceline.sound.kinds import ACCEPTED
from voiceline.sound.loudness import Doubt
from voiceline.sound.reading import read_greeting

DOUBTS = {
    Doubt.SILENT: "We hear nothing in it: callers will wait in silence.",
    Doubt.QUIET: "It was very quiet: we made it louder, and its noise as well.",
    Doubt.CLIPPED: "It was recorded too loud and is distorted.",
}


@click.group()
def code() -> None:
    """Give businesses service codes, and codes greetings."""


@code.command("add")
@click.argument("digits")
@click.argument("business")
@click.option("--brand", help="The name callers hear, if not the business's own.")
@click.option("--number", help="A phone number whose callers need not key the code (E.164).")
def add(digits: str, business: str, brand: str | None, number: str | None) -> None:
    """Give BUSINESS (its name or another code) the service code DIGITS."""
    with database() as session:
        found = businesses.find_business(session, business)
        businesses.assign_code(
            session,
            found,
            digits,
            by=OPERATOR,
            at=now(),
            brand=brand,
            dedicated_number=number,
        )
    click.echo(f"Callers who key {digits} reach {brand or found.name}.")


@code.command("greeting")
@click.argument("digits")
@click.option("--language", type=click.Choice(greetings.LANGUAGES), default="en")
@click.option("--text", help="Words to be spoken.")
@click.option(
    "--audio",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"A sound file of at most two minutes: {ACCEPTED}.",
)
def greeting(digits: str, language: str, text: str | None, audio: Path | None) -> None:
    """Set what callers of the code DIGITS hear; earlier versions are kept."""
    heard = read_greeting(audio.read_bytes()) if audio else None
    with database() as session:
        found = businesses.find_service_code(session, digits)
        made = greetings.set_greeting(
            session,
            found,
            language=language,
            text=text,
            audio=heard.wav if heard else None,
            at=now(),
        )
    for doubt in sorted(heard.doubts if heard else ()):
        click.secho(DOUBTS[doubt], fg="yellow")
    click.echo(f"Version {made.version} of the greeting is live for the next caller.")
