"""The style sheet and the picture: read at start, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from voiceline.consumer.context import context

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("assets", __name__)

HERE = Path(__file__).parent / "static"
FILES = {"consumer.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


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
    """Read the files."""
    return {name: _read(HERE / name, content_type) for name, content_type in FILES.items()}


def asset_url(name: str) -> str:
    """Answer where a file is."""
    return f"/assets/{context().assets[name].version}/{name}"


@blueprint.get("/assets/<version>/<name>")
def send_asset(version: str, name: str) -> ResponseReturnValue:
    """Send one file in the version the page was made with."""
    asset = context().assets.get(name)
    if asset is None or asset.version != version:
        abort(404)
    packs = request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packs else asset.data, content_type=asset.content_type)
    response.vary.add("Accept-Encoding")
    if packs:
        response.content_encoding = "gzip"
    return response


def _read(path: Path, content_type: str) -> Asset:
    data = path.read_bytes()
    version = hashlib.sha256(data).hexdigest()[:12]
    return Asset(data, gzip.compress(data, mtime=0), content_type, version)
