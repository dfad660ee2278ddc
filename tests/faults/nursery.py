"""Many workers at the price of one start: a process that imports once and forks each of them.

    python nursery.py QUEUE [PLACE:FLAG ...]

Each worker has one fault in its environment. One that dies is not replaced: the worker that the
crew minds does the rest. SIGTERM ends all of them.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from jobs import worker


def main(queue: str, *faults: str) -> None:
    """Fork the workers, and bury whoever dies, until told to stop."""
    alive = {_fork(queue, fault) for fault in faults}

    def stop(*_: object) -> None:
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)
        for pid in alive:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    while True:
        with suppress(ChildProcessError):
            alive.discard(os.wait()[0])
        if not alive:
            signal.pause()


def _fork(queue: str, fault: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setpgid(0, 0)
    os.environ["VOICELINE_FAIL_AT"] = fault
    worker.run(queue)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
