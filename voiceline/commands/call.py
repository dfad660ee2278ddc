"""`voiceline call`: place a call with the simulated telephone of a running demo."""

from __future__ import annotations

from pathlib import Path

import click

from voiceline.commands.context import read_settings
from voiceline.demo.story import tell
from voiceline.errors import UserError
from voiceline.simulator import Caller, SimulatorError, remote_call

FAILED = 1
HEARD_TROUBLE = frozenset({"carrier_error_message", "simulator_failed", "no_such_number"})


@click.command()
@click.argument("code")
@click.option(
    "--keys",
    multiple=True,
    help="What is keyed at each prompt after the code, in order; '-' keys nothing. Repeatable.",
)
@click.option(
    "--say",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A WAV file to speak at the tone [a bundled one].",
)
@click.option("--hang-up-at", help="Step to hang up at: code, greeting, right, beep, speaking, ...")
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option("--from", "number", default="+14155550123", show_default=True, help="Caller id.")
@click.option("--to", help="The number to call [the first of the settings].")
@click.option("--speed", default=4.0, show_default=True, help="Times faster than a real call.")
@click.pass_context
def call(
    context: click.Context,
    code: str,
    keys: tuple[str, ...],
    say: Path | None,
    hang_up_at: str | None,
    language: str,
    number: str,
    to: str | None,
    speed: float,
) -> None:
    """Place a call: key CODE, then --keys, speak at the tone, and watch what happens.

    The simulator of a running `voiceline demo` (or of any carrier emulator that speaks its
    control interface, at VOICELINE_TWILIO_API_BASE) carries the call.
    """
    settings = read_settings()
    spoken = say or bundled_audio(language)
    first = ("2#", f"{code}#") if language == "es" else (f"{code}#",)
    caller = Caller(number=number, keys=(*first, *keys), say=spoken, end="#", hang_up_at=hang_up_at)
    outcome = ""
    try:
        for happened in remote_call(
            settings.twilio_api_base, caller, to or settings.twilio_numbers[0], speed=speed
        ):
            tell(happened, click.echo)
            outcome = str(happened.detail.get("outcome", outcome))
    except (OSError, SimulatorError) as error:
        raise UserError(
            f"No simulated carrier answers at {settings.twilio_api_base}: start `voiceline demo` "
            f"in another window first ({error})."
        ) from None
    if outcome in HEARD_TROUBLE:
        context.exit(FAILED)


def bundled_audio(language: str) -> Path:
    """Answer the audio file of ours that a caller of this language speaks."""
    name = "demo_optout_es.wav" if language == "es" else "demo_delete_en.wav"
    return Path(__file__).parent.parent / "audio" / name
