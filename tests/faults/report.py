"""The recovery times a run has seen, shown at its end."""

from __future__ import annotations

SEEN: dict[str, float] = {}


def note(scenario: str, seconds: float) -> None:
    """Keep how long the service took to make up for the scenario's fault."""
    SEEN[scenario] = max(seconds, SEEN.get(scenario, 0.0))
