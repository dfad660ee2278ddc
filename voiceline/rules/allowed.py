"""What may be done now with a right, in words: for whoever asked for what the table forbids."""

from __future__ import annotations

from voiceline.rules.lifecycle import MOVES, RightStatus

_S = RightStatus

STATES = {
    _S.OPEN: "open",
    _S.DEFERRED: "deferred for an outstanding balance",
    _S.COMPLETED: "completed",
    _S.PARTLY: "completed in part",
    _S.DENIED: "denied",
    _S.REDIRECTED: "redirected to the controller",
    _S.APPEALED: "under appeal",
    _S.WITHDRAWN: "withdrawn",
    _S.STRUCK: "struck out as named in error",
}
"""How a right is."""

_WANTED = {
    **STATES,
    _S.OPEN: "reopened",
    _S.DEFERRED: "deferred",
    _S.APPEALED: "appealed",
    _S.STRUCK: "struck out",
}
"""What somebody asks a right to be."""

_TO_OPEN = {_S.DEFERRED: "resumed", _S.STRUCK: "named again"}


def allowed_now(status: RightStatus) -> list[str]:
    """Answer what can be done with a right in that state, in the order of the states."""
    if status == _S.APPEALED:
        return ["decided on appeal", "left as it is, where the appeal is withdrawn"]
    return [
        _TO_OPEN.get(status, _WANTED[new]) if new == _S.OPEN else _WANTED[new]
        for new in _S
        if new in MOVES[_S][status]
    ]


def sentence(status: RightStatus, wanted: RightStatus | str) -> str:
    """Say that a right cannot be `wanted` (or a participle), how it is, and what is allowed now."""
    may = _listed(allowed_now(status))
    what = _WANTED[wanted] if isinstance(wanted, RightStatus) else wanted
    return f"It cannot be {what}: it is {STATES[status]}. It can be {may}."


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
