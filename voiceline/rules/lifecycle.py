"""The states a thing can be in and the one literal table of moves between them.

Nothing outside voiceline/models assigns a `status`, and the models ask `check_move` first. The
picture in docs/architecture.md is drawn from this table.
"""

from __future__ import annotations

from enum import StrEnum

from voiceline.errors import IllegalMoveError


class RequestStatus(StrEnum):
    """A privacy request, as a privacy officer speaks of it; `status_of` reads it off its rights."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    APPEALED = "appealed"
    COMPLETED = "completed"
    PARTLY = "partly"
    DENIED = "denied"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


class RightStatus(StrEnum):
    """One right of a request; each is answered by itself."""

    OPEN = "open"
    DEFERRED = "deferred"
    """It waits for an outstanding balance; its clock runs on."""
    COMPLETED = "completed"
    PARTLY = "partly"
    DENIED = "denied"
    REDIRECTED = "redirected"
    """The consumer was told whom to ask instead: the business only works for somebody else."""
    APPEALED = "appealed"
    """What was answered is decided once more."""
    WITHDRAWN = "withdrawn"
    STRUCK = "struck"
    """Named in error: nobody asked for it."""


class AppealStatus(StrEnum):
    """One appeal against what was answered."""

    OPEN = "open"
    UPHELD = "upheld"
    """The answer stands."""
    REVERSED = "reversed"
    """The right is open again."""
    WITHDRAWN = "withdrawn"
    STRUCK = "struck"
    """Noted in error."""


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


class DerivedStatus(StrEnum):
    """What is made of a voicemail for browsers; PENDING and LEAVING owe work."""

    PENDING = "pending"
    MADE = "made"
    FAILED = "failed"
    LEAVING = "leaving"
    """The voicemail is gone: its MP3 is owed its deletion, and then the row goes, too."""


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


_R, _I, _A = RequestStatus, RightStatus, AppealStatus
_V, _T = VoicemailStatus, TranscriptStatus
_D, _B = DeliveryStatus, BusinessStatus
_M = DerivedStatus

_ANSWERED = frozenset({_R.COMPLETED, _R.PARTLY, _R.DENIED, _R.REDIRECTED, _R.WITHDRAWN})
_REOPENED = frozenset({_R.RECEIVED, _R.ACKNOWLEDGED})
_REFUSED = frozenset({_R.PARTLY, _R.DENIED, _R.REDIRECTED})

MOVES: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    _R: {
        _R.RECEIVED: _ANSWERED | {_R.ACKNOWLEDGED, _R.APPEALED},
        _R.ACKNOWLEDGED: _ANSWERED | {_R.APPEALED},
        _R.APPEALED: _REFUSED | _REOPENED,
        _R.COMPLETED: _REOPENED,
        _R.PARTLY: _REOPENED | {_R.APPEALED},
        _R.DENIED: _REOPENED | {_R.APPEALED},
        _R.REDIRECTED: _REOPENED | {_R.APPEALED},
        _R.WITHDRAWN: _REOPENED,
    },
    _I: {
        _I.OPEN: frozenset(
            {
                *(_I.DEFERRED, _I.COMPLETED, _I.PARTLY, _I.DENIED),
                *(_I.REDIRECTED, _I.WITHDRAWN, _I.STRUCK),
            }
        ),
        _I.DEFERRED: frozenset(
            {
                *(_I.OPEN, _I.COMPLETED, _I.PARTLY, _I.DENIED),
                *(_I.REDIRECTED, _I.WITHDRAWN),
            }
        ),
        _I.COMPLETED: frozenset({_I.OPEN}),
        _I.PARTLY: frozenset({_I.OPEN, _I.APPEALED}),
        _I.DENIED: frozenset({_I.OPEN, _I.APPEALED}),
        _I.REDIRECTED: frozenset({_I.OPEN, _I.APPEALED}),
        _I.APPEALED: frozenset({_I.OPEN, _I.PARTLY, _I.DENIED, _I.REDIRECTED}),
        _I.WITHDRAWN: frozenset({_I.OPEN}),
        _I.STRUCK: frozenset({_I.OPEN}),
    },
    _A: {
        _A.OPEN: frozenset({_A.UPHELD, _A.REVERSED, _A.WITHDRAWN, _A.STRUCK}),
        _A.UPHELD: frozenset(),
        _A.REVERSED: frozenset(),
        _A.WITHDRAWN: frozenset(),
        _A.STRUCK: frozenset(),
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
    _M: {
        _M.PENDING: frozenset({_M.MADE, _M.FAILED, _M.LEAVING}),
        _M.MADE: frozenset({_M.PENDING, _M.LEAVING}),
        _M.FAILED: frozenset({_M.PENDING, _M.LEAVING}),
        _M.LEAVING: frozenset(),
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
