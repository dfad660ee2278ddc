"""The queue's server, which a scenario may freeze, kill, empty and start again."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

from voiceline.demo.redis_server import start_redis

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from voiceline.settings import Settings


class RedisProgram:
    """One Redis server in the house's folder."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = start_redis(self._settings, self._log)

    def kill(self) -> None:
        """End it at once, with whatever it holds in memory."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def lose_everything(self) -> None:
        """Delete what a killed server had written down."""
        shutil.rmtree(self._settings.data_dir / "redis")

    def freeze(self) -> None:
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)
