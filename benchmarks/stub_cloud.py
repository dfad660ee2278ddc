"""The other ends of the pipeline on loopback: a carrier that has one recording, an S3 that forgets.

Runs as a process of its own, so that its work is nobody's processor time: `python -m
benchmarks.stub_cloud PORT`. Every GET is answered with the recording, every PUT is read and
accepted: what was put is what was got, so reading back finds the same bytes.
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
CHECKSUM = base64.b64encode(hashlib.sha256(AUDIO).digest()).decode()


class Handler(BaseHTTPRequestHandler):
    """Answers over kept-alive connections."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer the recording, whatever was asked for."""
        self._answer(AUDIO, {"Content-Type": "audio/x-wav", "x-amz-checksum-sha256": CHECKSUM})

    def do_PUT(self) -> None:
        """Read the body and forget it."""
        left = int(self.headers["Content-Length"])
        while left and (chunk := self.rfile.read(min(left, 1 << 20))):
            left -= len(chunk)
        self._answer(b"", {"ETag": '"0"'})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, text in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
