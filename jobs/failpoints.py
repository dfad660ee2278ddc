"""Named places where a test may stop a job dead: `VOICELINE_FAIL_AT=after_put:/path/of/a/flag`.

The first job that reaches the place writes its process id into the file and stops; whoever reads
it may kill it. The file is there from then on, so nobody stops there twice. Without the variable
this is one look-up in the environment.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def reach(place: str) -> None:
    """Stop here if a test asked for it."""
    name, _, flag = os.environ.get("VOICELINE_FAIL_AT", "").partition(":")
    if name != place or not flag:
        return
    with suppress(FileExistsError), Path(flag).open("x", encoding="ascii") as file:
        file.write(str(os.getpid()))
        file.flush()
        os.kill(os.getpid(), signal.SIGSTOP)
