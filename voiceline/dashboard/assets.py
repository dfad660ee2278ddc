"""Style sheets, scripts and pictures: a literal list, read at start, kept by browsers for a year.

The browser libraries are npm's (package-lock.json) and never copied into the repository: they are
read from node_modules, or from static/vendor where a wheel or an image carries them.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response, abort, request

from voiceline.dashboard.context import context

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("assets", __name__)

HERE = Path(__file__).parent / "static"
VENDOR_FOLDERS = (Path(__file__).parents[2] / "node_modules", HERE / "vendor")

LIBRARIES = {
    "pico.css": "@picocss/pico/css/pico.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
}
OWN = (
    *("voiceline.css", "icon.svg"),
    *("player.js", "words.js", "triage.js"),
    *("greetings.js", "capture.js"),
    *("passkey.js", "recovery.js"),
)

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

_log = structlog.get_logger()


@dataclass(frozen=True)
class Asset:
    """One file, as it is sent."""

    data: bytes
    packed: bytes
    """The same, gzipped."""
    content_type: str
    version: str
    """The beginning of its hash: another content has another address."""


def load_assets() -> dict[str, Asset]:
    """Read every file there is; a library that is missing is logged, and the pages do without."""
    found = {name: _find(path) for name, path in LIBRARIES.items()}
    found |= {name: HERE / name for name in OWN}
    for name, path in found.items():
        if path is None:
            _log.warning("browser_library_missing", path=LIBRARIES[name], step="run npm ci")
    return {name: _read(path) for name, path in found.items() if path is not None}


def asset_url(name: str) -> str | None:
    """Answer where a file is, or None when its library is not installed."""
    asset = context().assets.get(name)
    return f"/assets/{asset.version}/{name}" if asset else None


@blueprint.get("/assets/<version>/<name>")
def send_asset(version: str, name: str) -> ResponseReturnValue:
    """Send one file of the list in the version the page was made with."""
    asset = context().assets.get(name)
    if asset is None or asset.version != version:
        abort(404)
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packs else asset.data, content_type=asset.content_type)
    response.vary.add("Accept-Encoding")
    if packs:
        response.content_encoding = "gzip"
    return response


def _find(path: str) -> Path | None:
    candidates = (folder / path for folder in VENDOR_FOLDERS)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    version = hashlib.sha256(data).hexdigest()[:12]
    return Asset(data, gzip.compress(data, mtime=0), TYPES[path.suffix], version)
