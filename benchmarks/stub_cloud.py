"""The other ends of the pipeline on loopback: a carrier that has one recording, an S3 that forgets.

Runs as a process of its own, so that its work is nobody's processor time: `python -m
benchmarks.stub_cloud PORT`. Every GET outside of the bucket is answered with the recording. The
bucket has what was put last, which is enough for reading back.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import wave
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS = 60
FRAMES_A_SECOND = 8000


def recording() -> bytes:
    """Answer a minute of the carrier's WAV, 960,044 bytes, the same in every process."""
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(FRAMES_A_SECOND)
        audio.writeframes(bytes(range(250)) * (SECONDS * FRAMES_A_SECOND * 2 // 250))
    return file.getvalue()


AUDIO = recording()
BUCKET = "/bench/"
REMEMBERED = 16
KEPT: dict[str, bytes] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers over kept-alive connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer what is in the bucket, and the recording whatever else was asked for."""
        path = self.path.partition("?")[0]
        body = KEPT.get(path) if path.startswith(BUCKET) else AUDIO
        if body is None:
            self._answer(b"", {}, status=404)
            return
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        self._answer(body, {"Content-Type": "audio/x-wav", "x-amz-checksum-sha256": checksum})

    do_HEAD = do_GET  # noqa: N815 - the name that http.server asks for

    def do_PUT(self) -> None:
        """Keep the body for as long as it may be read back."""
        KEPT[self.path.partition("?")[0]] = self.rfile.read(int(self.headers["Content-Length"]))
        for old in list(KEPT)[:-REMEMBERED]:
            KEPT.pop(old, None)
        asked = self.headers.get("x-amz-server-side-encryption")
        encrypted = {"x-amz-server-side-encryption": asked} if asked else {}
        self._answer(b"", {"ETag": '"0"'} | encrypted)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes, headers: dict[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, text in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
