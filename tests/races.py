"""Several things at one moment."""

from __future__ import annotations

import threading


def at_once(work):
    """Do all of it at one moment, each in a thread; answer what failed."""
    start, failures = threading.Barrier(len(work)), []

    def do(act):
        start.wait(timeout=10)
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            failures.append(error)

    threads = [threading.Thread(target=do, args=(act,)) for act in work]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    return failures
