"""`voiceline demo`: the whole service with nothing installed, and a call to watch."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import click

from voiceline.demo.addresses import Ports
from voiceline.log import set_up_logging

NOT_FILED = 1


@click.command()
@click.option(
    "--once",
    is_flag=True,
    help="End after the calls; exit status 1 if one failed.",
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    envvar="VOICELINE_DATA_DIR",
    default=Path("var"),
    show_default=True,
)
@click.option("--telephone-port", default=5080, show_default=True)
@click.option("--dashboard-port", default=5081, show_default=True)
@click.option("--softphone-port", default=5082, show_default=True)
@click.option("--consumer-port", default=5084, show_default=True)
@click.option("--speed", default=4.0, show_default=True, help="Times faster than a real call.")
def demo(
    data_dir: Path,
    telephone_port: int,
    dashboard_port: int,
    softphone_port: int,
    consumer_port: int,
    speed: float,
    *,
    once: bool,
) -> None:
    """Start the whole service on this machine, place a call, and show what becomes of it.

    Needs no service, no account and no root: SQLite, a Redis server from its wheel, a folder for
    the audio, pocketsphinx for the draft transcript, and a simulated carrier.
    """
    from voiceline.demo import run  # noqa: PLC0415 - the simulator and all of it, only here

    set_up_logging("ERROR")
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    click.echo("Starting Voiceline on embedded defaults:\n")
    try:
        with (
            run.open_demo(
                data_dir, Ports(telephone_port, dashboard_port, softphone_port, consumer_port)
            ) as opened,
            run.open_carrier(opened, speed) as carrier,
        ):
            filed = run.place_call(opened, carrier, speed)
            if once:
                filed = run.await_canary(opened) and filed
            if not once:
                run.serve_on(opened)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
        sys.exit(130)
    if not filed:
        sys.exit(NOT_FILED)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
