#!/usr/bin/env python3
"""Ask a web server of ours whether it is well: `healthy.py PORT ADDRESS`; status 0 says yes.

Each server answers to its own name only, so the question carries the host of its public address.
"""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

SECONDS = 5


def is_healthy(port: int, address: str) -> bool:
    """Tell whether the server on the port of this machine answers 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(address).hostname or ""})
        return connection.getresponse().status == 200  # noqa: PLR2004 - as HTTP says
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    raise SystemExit(0 if is_healthy(int(sys.argv[1]), sys.argv[2]) else 1)
