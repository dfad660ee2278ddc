"""The demo as a process, on ports nobody uses and in a folder of the test."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from loopback_ports import free_ports
from speech_fixtures import model_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SERVERS = ("telephone", "dashboard", "softphone", "consumer")


def start_demo(folder: Path, *words: str, ports: list[int] | None = None) -> subprocess.Popen[str]:
    """Start `voiceline demo`; what it prints can be read from its standard output.

    It finds the language model the suite has built, if it has: building takes half a minute.
    """
    folder.mkdir(exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(model_cache().absolute(), target_is_directory=True)
    chosen = zip(SERVERS, ports or free_ports(4), strict=True)
    options = [word for name, port in chosen for word in (f"--{name}-port", str(port))]
    return subprocess.Popen(
        [sys.executable, "-m", "voiceline", "demo", "--data-dir", str(folder), *options, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


@contextmanager
def serving_demo(folder: Path, ports: list[int]) -> Iterator[None]:
    """Run the demo until it serves, as quickly as it can speak; end it afterwards."""
    running = start_demo(folder, "--speed", "50", ports=ports)
    told = []
    for line in running.stdout or ():
        told.append(line)
        if "Ctrl-C" in line:
            break
    assert running.poll() is None, "".join(told)
    yield
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
