"""Servers under measurement: processes of ours on loopback, ended by their pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from voiceline.demo.processes import await_answer
from voiceline.demo.redis_server import start_redis
from voiceline.settings import Settings, load_settings
from voiceline.settings_checks import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOP_SECONDS = 10


def free_port() -> int:
    """Answer a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**settings: object) -> dict[str, str]:
    """Answer our environment with these settings of Voiceline's, and no others."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return ours | {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}


def settings_of(environment: dict[str, str]) -> Settings:
    """Answer the settings that a process with this environment has."""
    return load_settings(environment)


@contextmanager
def running(
    arguments: list[str], environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m ARGUMENTS`, and end it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        end(process)


@contextmanager
def serving(
    name: str, arguments: list[str], environment: dict[str, str], url: str, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a web server, from the moment it answers at the URL."""
    with running(arguments, environment, folder / f"{name}.log") as process:
        await_answer(name, url, lambda: process.poll() is None)
        yield process


@contextmanager
def embedded_redis(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the demo's own Redis, append-only file and all."""
    server = start_redis(settings, folder / "redis.log")
    try:
        yield server
    finally:
        end(server)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end; kill it when it does not."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
