"""The other side of the control API: what another process uses to reach a running carrier."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from .errors import SimulatorError
from .events import CallEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .caller import Caller
    from .faults import Faults

LONGEST_SILENCE = 120.0
"""Seconds without an event after which the carrier is taken for dead."""


def remote_call(
    base_url: str, caller: Caller, to: str, *, speed: float | None = None
) -> Iterator[CallEvent]:
    """Place a call with the carrier at `base_url` and yield its events as they happen.

    The last one is `ended`. Raises SimulatorError when the carrier refuses, OSError when it
    cannot be reached or goes away.
    """
    body = {"to": to, "caller": caller.as_json(), "speed": speed}
    with _open(base_url, "/simulator/calls", body) as lines:
        kind = ""
        for line in lines:
            event = CallEvent.from_json(json.loads(line))
            kind = event.kind
            yield event
    if kind != "ended":
        raise SimulatorError("the carrier went away in the middle of the call")


def remote_faults(base_url: str, faults: Faults) -> None:
    """Set all knobs of the carrier at `base_url`."""
    knobs = {name: value for name, value in asdict(faults).items() if value is not None}
    with _open(base_url, "/simulator/faults", knobs):
        pass


def remote_drain(base_url: str, timeout: float = 30.0) -> None:
    """Wait until that carrier has sent every callback; SimulatorError when it takes longer."""
    with _open(base_url, "/simulator/drain", {"timeout": timeout}):
        pass


def _open(base_url: str, path: str, body: dict[str, Any]) -> Any:
    if not base_url.startswith(("http://", "https://")):
        raise ValueError("base_url is an http(s) URL")
    request = Request(  # noqa: S310 - checked just above
        base_url.rstrip("/") + path,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        return urlopen(request, timeout=LONGEST_SILENCE)  # noqa: S310 - the same
    except HTTPError as refused:
        with refused:
            reason = refused.read(1000).decode(errors="replace")
        raise SimulatorError(f"the carrier refused ({refused.code}): {reason}") from refused
