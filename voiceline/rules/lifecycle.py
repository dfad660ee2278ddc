"""The states a thing can be in and the one literal table of moves between them.

Nothing outside voiceline/models assigns a `status`, and the models ask `check_move` first. The
picture in docs/architecture.md is drawn from this table.
"""

from __future__ import annotations

from enum import StrEnum

from voiceline.errors import IllegalMoveError


class RequestStatus(StrEnum):
    """A privacy request, as a privacy officer speaks of it."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class VoicemailStatus(StrEnum):
    """The audio of one voicemail; PENDING and REPLACED owe work, the others may."""

    PENDING = "pending"
    STORED = "stored"
    FAILED = "failed"
    ABSENT = "absent"
    REPLACED = "replaced"
    ERASED = "erased"
    EXPIRED = "expired"


class TranscriptStatus(StrEnum):
    """One machine's draft of one voicemail; without legal effect."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class DeliveryStatus(StrEnum):
    """One message we owe somebody."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class BusinessStatus(StrEnum):
    """Whether a business's codes answer; a caller cannot tell the last two from no such code."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


_R, _V, _T = RequestStatus, VoicemailStatus, TranscriptStatus
_D, _B = DeliveryStatus, BusinessStatus

MOVES: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    _R: {
        _R.RECEIVED: frozenset({_R.ACKNOWLEDGED, _R.COMPLETED, _R.DENIED, _R.WITHDRAWN}),
        _R.ACKNOWLEDGED: frozenset({_R.COMPLETED, _R.DENIED, _R.WITHDRAWN}),
        _R.COMPLETED: frozenset(),
        _R.DENIED: frozenset(),
        _R.WITHDRAWN: frozenset(),
    },
    _V: {
        _V.PENDING: frozenset({_V.STORED, _V.FAILED, _V.ABSENT, _V.REPLACED}),
        _V.STORED: frozenset({_V.REPLACED, _V.ERASED, _V.EXPIRED}),
        _V.FAILED: frozenset({_V.PENDING, _V.REPLACED}),
        _V.ABSENT: frozenset({_V.PENDING}),
        _V.REPLACED: frozenset({_V.ERASED, _V.PENDING}),
        _V.ERASED: frozenset(),
        _V.EXPIRED: frozenset(),
    },
    _T: {
        _T.PENDING: frozenset({_T.COMPLETED, _T.FAILED, _T.SKIPPED}),
        _T.COMPLETED: frozenset(),
        _T.FAILED: frozenset({_T.PENDING}),
        _T.SKIPPED: frozenset(),
    },
    _D: {
        _D.PENDING: frozenset({_D.DONE, _D.FAILED}),
        _D.DONE: frozenset(),
        _D.FAILED: frozenset({_D.PENDING}),
    },
    _B: {
        _B.ACTIVE: frozenset({_B.SUSPENDED, _B.CLOSED}),
        _B.SUSPENDED: frozenset({_B.ACTIVE, _B.CLOSED}),
        _B.CLOSED: frozenset(),
    },
}
"""For each kind of thing, from each state, the states it may become; a final state has none."""


def may_move(old: StrEnum, new: StrEnum) -> bool:
    """Tell whether the table allows the step; a state of another kind never does."""
    return type(old) is type(new) and new in MOVES[type(old)][old]


def check_move(old: StrEnum, new: StrEnum) -> None:
    """Raise IllegalMoveError unless the table allows the step."""
    if not may_move(old, new):
        raise IllegalMoveError(old, new)
