"""docs/production as data: which commands each file starts, with which settings."""

from __future__ import annotations

import re
import shlex
from configparser import RawConfigParser
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from pydantic import SecretStr
from source_tree import ROOT

from jobs.queue import QUEUES
from voiceline.cli import main_group
from voiceline.settings import Settings
from voiceline.settings_checks import PREFIX, SEALING, SIGNING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRODUCTION = ROOT / "docs" / "production"
UNITS = PRODUCTION / "systemd"
PROGRAM = "/opt/voiceline/bin/voiceline"
VOICELINE = re.compile(r"\bVOICELINE_[A-Z0-9_]+")

LONG_RUNNING = {
    *("serve telephone", "serve dashboard", "serve fallback", "serve consumer", "scheduler"),
    *(f"worker {queue}" for queue in QUEUES),
}
"""What every way of running us must start."""

KEYS_OF = {
    process: {
        *(f"{PREFIX}{name.upper()}_FILE" for name in SIGNING.get(process, ())),
        *([f"{PREFIX}MASTER_KEYS_FILE"] if process in SEALING else []),
    }
    for process in SIGNING.keys() | SEALING
}
"""Which process is given which key."""
KEY_FILES = set().union(*KEYS_OF.values())

PORTS = {"telephone": "5080", "dashboard": "5081", "fallback": "5083", "consumer": "5084"}
SECRETS = {
    PREFIX + name.upper()
    for name, field in Settings.model_fields.items()
    if field.annotation is SecretStr
}


@dataclass(frozen=True)
class Command:
    """One command of ours: its words after `voiceline`."""

    file: str
    name: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.words)}"


def files() -> list[Path]:
    """Answer every file that says how production runs."""
    return [path for path in sorted(PRODUCTION.rglob("*")) if path.is_file()]


def procfile_commands() -> list[Command]:
    lines = (PRODUCTION / "Procfile").read_text(encoding="utf-8").splitlines()
    named = [line.split(": ", 1) for line in lines if not line.startswith("#")]
    return [Command("Procfile", name, tuple(words.split()[1:])) for name, words in named]


def unit(name: str) -> RawConfigParser:
    """Read a unit as systemd does, but for keys that may come twice: they are joined."""
    parser = RawConfigParser(strict=False, dict_type=_Joining)
    parser.optionxform = str
    parser.read(UNITS / name, encoding="utf-8")
    return parser


def keys_of(name: str) -> set[str]:
    """Answer the variables of the keys that systemd gives the unit, from root's own files."""
    return {_key_in(f"{name}.d/{path.name}") for path in (UNITS / f"{name}.d").glob("*.conf")}


def _key_in(file: str) -> str:
    service = unit(file)["Service"]
    credential, _, path = service["LoadCredential"].partition(":")
    variable, _, place = service["Environment"].partition("=")
    if (path, place) != (f"/etc/voiceline/keys/{credential}", f"%d/{credential}"):
        raise AssertionError(f"{file} looks for its key elsewhere")
    return variable


def systemd_commands() -> list[Command]:
    """Answer what the target and the timer start, each worker with its queue, and the upgrade."""
    wanted = unit("voiceline.target")["Unit"]["Wants"].split()
    alone = ["voiceline-upgrade.service", "voiceline-replay.service"]
    return [_started_by(name) for name in [*wanted, *alone]]


def compose_commands(compose: dict[str, Any]) -> list[Command]:
    return [
        Command("compose.yaml", name, tuple(service["command"]))
        for name, service in compose["services"].items()
        if service["image"] == "voiceline"
    ]


def docker_copies() -> Iterator[str]:
    """Yield what the image takes from this repository."""
    for line in (PRODUCTION / "Dockerfile").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            yield from words[1:-1]


def example_settings() -> dict[str, str]:
    """Answer the variables of voiceline.env."""
    lines = (PRODUCTION / "voiceline.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def parse(commands: list[Command]) -> None:
    """Let click read each command's words, without running anything; raises UsageError."""
    for command in commands:
        words, found = list(command.words), main_group
        while isinstance(found, click.Group):
            name = words.pop(0)
            found = found.get_command(click.Context(main_group), name)
            if found is None:
                raise click.UsageError(f"{command}: there is no command {name}")
        found.make_context(command.name, words)


def long_running(commands: list[Command]) -> set[str]:
    """Answer what the commands keep running, without their options."""
    passing = {"db", "spool"}
    kept = [one.words for one in commands if one.words[0] not in passing]
    return {" ".join(words).split(" --")[0] for words in kept}


def ports(commands: list[Command]) -> set[tuple[str, str]]:
    """Answer each web server with the port it is told."""
    return {
        (one.words[1], one.words[one.words.index("--port") + 1])
        for one in commands
        if one.words[0] == "serve"
    }


def proxy_locations() -> dict[str, str]:
    """Answer what nginx.conf says of each location of its own, but for those of everything."""
    text = (PRODUCTION / "nginx.conf").read_text(encoding="utf-8")
    found = re.findall(r"^    location (.+) \{\n((?: {8}.+\n)+)", text, re.MULTILINE)
    return dict(found)


def _started_by(name: str) -> Command:
    template, _, instance = name.removesuffix(".service").partition("@")
    file = f"{template}@.service" if instance else name
    program, *words = shlex.split(unit(file)["Service"]["ExecStart"].replace("%i", instance))
    if program != PROGRAM:
        raise AssertionError(f"{file} starts {program}")
    return Command(file, name, tuple(words))


class _Joining(dict[str, Any]):
    """A section in which a repeated key adds to the first."""

    def __setitem__(self, key: str, value: Any) -> None:
        before = self.get(key)
        if isinstance(value, list) and isinstance(before, list):
            value = before + value
        super().__setitem__(key, value)
