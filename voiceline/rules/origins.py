"""The origin of a web site: what a browser compares before it shows a page inside another."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(
    rf"https://(?P<host>(?:\*\.)?(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9])(?P<port>:[0-9]{{2,5}})?",
    re.ASCII,
)
LONGEST = 255


def read_origin(text: str) -> str | None:
    """Answer `https://host[:port]` in lower case, or None for what is no such origin.

    A host without a scheme is meant to be https, and a path is left out: people paste addresses.
    `https://*.acme.example` stands for every name below it, as browsers read it. Names in other
    letters are written in their ASCII form, `xn--...`.
    """
    plain = text.strip().lower()
    if "://" not in plain:
        plain = f"https://{plain}"
    scheme, _, rest = plain.partition("://")
    origin = f"{scheme}://{re.split(r'[/?#]', rest, maxsplit=1)[0]}"
    found = _ORIGIN.fullmatch(origin) if len(origin) <= LONGEST else None
    if found is None or int((found["port"] or ":443")[1:]) > 65535:  # noqa: PLR2004 - the last port
        return None
    return origin.removesuffix(":443")
