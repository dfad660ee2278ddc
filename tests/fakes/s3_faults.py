"""An S3 server on loopback that keeps objects in memory and fails on demand.

Only what S3Store asks for is here, and no signature is checked: what works is proven on a real
server (servers/s3.py), this one proves what happens when a store does not work.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from fakes.loopback import served
from werkzeug.exceptions import RequestTimeout
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIEnvironment

BUCKET = "voiceline-faults"


@dataclass
class Kept:
    body: bytes
    sha256: str
    tags: dict[str, str]
    headers: dict[str, str]


@dataclass
class FaultyS3:
    endpoint: str = ""
    objects: dict[str, Kept] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and key of each request."""
    headers: list[dict[str, str]] = field(default_factory=list)
    truncate_to: int | None = None
    """Puts answer 200 and keep only so many bytes."""
    refusals: list[tuple[int, str] | None] = field(default_factory=list)
    """Status and S3 code of the next answers; "" leaves the body out, None answers as usual."""
    hang_up: int = 0
    """How many of the next puts are stored and then left without an answer in time."""
    answer_after: float = 0
    """Seconds before such an answer comes at last."""
    owner: str = ""
    """The account that the bucket belongs to; a call that expects another is refused."""
    drip: float = 0
    """Seconds between one kilobyte of a download and the next."""

    def __call__(self, environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        key = request.path.removeprefix(f"/{BUCKET}").removeprefix("/")
        tagging = "?tagging" if "tagging" in request.args else ""
        self.requests.append((request.method, key + tagging))
        self.headers.append(dict(request.headers))
        body = request.get_data()
        refusal = self.refusals.pop(0) if self.refusals else self._denial(request)
        if refusal:
            return _refusal(*refusal)(environ, respond)
        return self._answer(request, key, body)(environ, respond)

    def _denial(self, request: Request) -> tuple[int, str] | None:
        expected = request.headers.get("x-amz-expected-bucket-owner", self.owner)
        return (403, "AccessDenied") if expected != self.owner else None

    def _answer(self, request: Request, key: str, body: bytes) -> Response:
        if request.method == "GET" and "versions" in request.args:
            return self._versions(request.args["prefix"])
        if request.method == "PUT" and "tagging" in request.args:
            return Response()
        if request.method == "PUT":
            return self._put(request, key, body)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return Response(status=204)
        if key not in self.objects:
            return _refusal(404, "NoSuchKey")
        return self._get(request, self.objects[key])

    def _get(self, request: Request, kept: Kept) -> Response:
        part = _part(request, kept.body)
        headers = {"x-amz-meta-sha256": kept.sha256, "Content-Length": str(len(part or kept.body))}
        if part is None:
            return Response(self._drops(kept.body), headers=headers | kept.headers)
        return Response(self._drops(part), status=206, headers=headers)

    def _put(self, request: Request, key: str, body: bytes) -> Response:
        if request.headers.get("If-None-Match") == "*" and key in self.objects:
            return _refusal(412, "PreconditionFailed")
        tags = dict(parse_qsl(request.headers.get("x-amz-tagging", "")))
        claimed = request.headers.get("x-amz-meta-sha256", "")
        self.objects[key] = Kept(body[: self.truncate_to], claimed, tags, {})
        if self.hang_up:
            self.hang_up -= 1
            time.sleep(self.answer_after)
            raise RequestTimeout
        return Response()

    def _versions(self, prefix: str) -> Response:
        entries = "".join(
            f"<Version><Key>{key}</Key><VersionId>null</VersionId></Version>"
            for key in self.objects
            if key.startswith(prefix)
        )
        return Response(f"<ListVersionsResult>{entries}</ListVersionsResult>")

    def _drops(self, body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 1024):
            time.sleep(self.drip)
            yield body[start : start + 1024]


@contextmanager
def faulty_s3() -> Iterator[FaultyS3]:
    faults = FaultyS3()
    with served(faults) as faults.endpoint:
        yield faults


def _part(request: Request, body: bytes) -> bytes | None:
    """Answer the bytes of the range that is asked for; None where none is, or it holds all."""
    asked = request.range and request.range.range_for_length(len(body))
    if asked is None or asked == (0, len(body)):
        return None
    return body[slice(*asked)]


def _refusal(status: int, code: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>" if code else ""
    return Response(body, status=status, content_type="application/xml")
