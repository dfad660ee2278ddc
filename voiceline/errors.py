"""Every error Voiceline raises on purpose.

    VoicelineError
    ├── UserError             somebody asked for what cannot be; the message says what to do
    │   ├── SettingsError         the configuration is wrong: refuse to start
    │   ├── NotFoundError         no such row for this business
    │   ├── JurisdictionError     no such place, or none whose figures we know
    │   ├── DateError             a date that cannot be: to come, before the law, past our calendar
    │   ├── ExtensionError        the law allows no extension, or no other one, or not any more
    │   ├── MoveError             a right is not in a state for that; says what is allowed now
    │   ├── DenialError           a refusal without a reason, or with one that is none here
    │   ├── IdentityError         identity must not be asked for, or has not been proven yet
    │   ├── OvertakenError        somebody else changed the request first; says who and what
    │   └── UndoError             it cannot be undone, or not any more
    ├── IllegalMoveError      the lifecycle's table forbids the step
    ├── TemporaryFailure      a neighbour failed and may work later: try again
    └── PermanentFailure      a neighbour refused for good: park and tell somebody
        ├── MissingObjectError    the object store has no such key
        │   └── MissingKeyError       ... or its data key was destroyed, which is the same
        ├── DamagedObjectError    what is stored is not what was sealed there
        ├── ObjectConflictError   the key is taken by other bytes
        └── MissingRecordingError the carrier no longer has the recording

Only TemporaryFailure and PermanentFailure cross the ports: adapters translate their vendor's
errors into these two, and the caller needs to know no more than which of them it was.
Messages never hold a phone number, a name or a word of a caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class VoicelineError(Exception):
    """The root of the tree above."""


class UserError(VoicelineError):
    """Somebody asked for what cannot be; shown as it is, without a traceback."""


class SettingsError(UserError):
    """A setting is missing, malformed or unsafe; nothing starts."""


class NotFoundError(UserError):
    """No such row, or not this business's: the two are never told apart."""


class JurisdictionError(UserError):
    """The table of jurisdictions has no such place, or no figures for it."""


class DateError(UserError):
    """A date is to come, before the law, or past the end of our calendar."""


class ExtensionError(UserError):
    """The law allows no extension here, or no second one, or not after the first date."""


class MoveError(UserError):
    """A right or an appeal is not in a state for that; the sentence says what is allowed now."""


class DenialError(UserError):
    """A refusal has no reason, one that is none for this right, or a bare one."""


class IdentityError(UserError):
    """Identity must not be asked for here, or must be proven first."""


class OvertakenError(UserError):
    """Somebody else changed the request since it was looked at: nothing was done."""

    def __init__(self, sentence: str, *, who: str | None, what: str, at: datetime) -> None:
        super().__init__(sentence)
        self.who = who
        """The colleague's name; None when it was nobody of the business."""
        self.what = what
        self.at = at


class UndoError(UserError):
    """It cannot be undone: too late, somebody else's, or it has left the house."""


class IllegalMoveError(VoicelineError):
    """The lifecycle's table forbids this step."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"cannot move from {old} to {new}")
        self.old = old
        self.new = new


class TemporaryFailure(VoicelineError):  # noqa: N818 - a failure of a neighbour, not our error
    """A neighbour failed and may work later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds the neighbour asked us to wait, where it said so."""


class PermanentFailure(VoicelineError):  # noqa: N818
    """A neighbour refused for good; trying again by itself would not help."""


class ArchiveRefusal(PermanentFailure):
    """An enterprise's role or bucket refuses us: its owner has to change something."""


class MissingObjectError(PermanentFailure):
    """The object store has no such key."""


class MissingKeyError(MissingObjectError):
    """The data key was destroyed, or never made: what it sealed is gone wherever a copy is."""


class DamagedObjectError(PermanentFailure):
    """A sealed object was changed, cut, or put under another name; nothing of it was believed."""


class ObjectConflictError(PermanentFailure):
    """The key is already taken by other bytes; nothing was overwritten."""


class MissingRecordingError(PermanentFailure):
    """The carrier does not have this recording (yet, or any more)."""
