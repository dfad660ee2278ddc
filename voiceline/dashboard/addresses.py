"""Which addresses are ours: one spelling of an id, and no way out of this site."""

from __future__ import annotations

import re

from werkzeug.routing import UUIDConverter

_LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)
"""A path of this site: visible ASCII without a backslash, not starting with two slashes."""


class LowerCaseUuid(UUIDConverter):
    """An id as we write it; any other spelling is no address of ours."""

    regex = r"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"


def local_path(text: str | None) -> str | None:
    """Answer the path if it leads nowhere but into this site, else None."""
    return text if text and _LOCAL.fullmatch(text) else None
