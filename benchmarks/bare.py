"""The reference: the least that a Flask app can do with the same request on the same server."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)
TWIML = "<Response><Say>" + "x" * 562 + "</Say></Response>"


@app.get("/healthz")
def healthz() -> str:
    """Say that the server is up."""
    return "ok"


@app.post("/voice/<path:_step>")
def answer(_step: str) -> tuple[str, dict[str, str]]:
    """Answer as many bytes as the telephone's first document has, without reading the request."""
    return TWIML, {"Content-Type": "text/xml"}
