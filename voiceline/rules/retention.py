"""How long a voicemail is kept: the promise of the privacy policy (law.md 5.1).

A voicemail "more than 180 days old" (small and medium businesses and trials) or "more than 365
days old" (enterprise) may be deleted, so its last day is a full one: it expires strictly after
the period, never at it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class AccountTier(StrEnum):
    """What a business pays for, and so how long its voicemails are kept."""

    TRIAL = "trial"
    SMALL_MEDIUM = "small_medium"
    ENTERPRISE = "enterprise"


RETENTION_DAYS = {
    AccountTier.TRIAL: 180,
    AccountTier.SMALL_MEDIUM: 180,
    AccountTier.ENTERPRISE: 365,
}

REQUEST_MONTHS = 24
"""Of a request's row in the log, from the end of the request; the rule does not say from when, so
the latest (11 CCR 7101(a))."""

LOGS_KEPT = timedelta(days=90)
"""Of a log file, from its day on; voiceline/log_files.py has it too, which imports nothing."""

STORE_TAGS = {
    AccountTier.TRIAL: "small_medium",
    AccountTier.SMALL_MEDIUM: "small_medium",
    AccountTier.ENTERPRISE: "enterprise",
}
"""The object store's `tier` tag: its lifecycle rules are the second safety behind the job."""

UNKNOWN_KEPT = timedelta(days=30)
"""How long an object that no row ever spoke of may be claimed, from when it was found: the
carrier knows whose it was for 40, and mending a database takes far less."""

ENDED_KEPT = timedelta(days=1)
"""How long an object stays whose row says that it is gone; a put under way is over long before."""

NOTE_TAGS = {"kind": "note"}
"""Of attachments: no tier, so that no rule for voicemails ever deletes one; they stay as long as
the note does."""


def expires_at(recorded_at: datetime, tier: AccountTier) -> datetime:
    """Answer the last moment the voicemail is kept; after it, it has expired."""
    return recorded_at + timedelta(days=RETENTION_DAYS[tier])


NOTICE = timedelta(days=30)
"""How long at least what another tier keeps for shorter is still there."""


def expires_at_after(
    recorded_at: datetime, tier: AccountTier, *, was: datetime | None, at: datetime
) -> datetime:
    """Answer the last moment a voicemail is kept from a change of tier at `at` on.

    Nobody loses a voicemail by the change itself: it stays for the notice, unless its last day of
    before comes sooner. What has expired by then is not kept anew: its audio may be gone already.
    """
    if was is not None and has_expired(was, at):
        return was
    last = expires_at(recorded_at, tier)
    return last if was is None else max(last, min(was, at + NOTICE))


WARNED_DAYS = (1, 7, 30)
"""How long before its last moment a business is warned of a voicemail; the nearest first."""

_UNTIL_THE_NEXT_MORNING = timedelta(days=1)


def warned_before(days: int, at: datetime) -> datetime:
    """Answer before which moment expires what is warned of in a morning, so many days ahead.

    The next morning has less than that left, so this one warns.
    """
    return at + timedelta(days=days) + _UNTIL_THE_NEXT_MORNING


def has_expired(expires_at: datetime, at: datetime) -> bool:
    """Tell whether the period has passed: strictly more, not exactly, 180 or 365 days."""
    return at > expires_at


HELD_BACK_AT_MOST = timedelta(days=30)
"""How long a voicemail outlives its last day for a copy that an enterprise wants of it first."""

HELD_TAG = "hold"
"""The `tier` of what is under a legal hold; no lifecycle rule names it (s3.md, 4)."""


def store_tags(tier: AccountTier, *, held: bool = False) -> dict[str, str]:
    """Answer the tags an object of this tier carries."""
    return {"tier": HELD_TAG if held else STORE_TAGS[tier]}


class Period(NamedTuple):
    """One period that was promised, in words, and where: a line of the policy (law.md 5.1)."""

    what: str
    length: str
    line: str


PERIODS = (
    *(
        Period(f"a voicemail, {words}", f"strictly more than {RETENTION_DAYS[tier]} days", "L62")
        for tier, words in (
            (AccountTier.TRIAL, "trial"),
            (AccountTier.SMALL_MEDIUM, "small and medium business"),
            (AccountTier.ENTERPRISE, "enterprise"),
        )
    ),
    Period(
        "warnings before it goes", f"{', '.join(map(str, sorted(WARNED_DAYS)))} days before", "L62"
    ),
    Period("what a shorter plan would delete", f"{NOTICE.days} days of notice", "L39"),
    Period(
        "enterprise, without the copy it wants in its own bucket",
        f"at most {HELD_BACK_AT_MOST.days} days more",
        "L62",
    ),
    Period("a request's row in the log", f"{REQUEST_MONTHS} months from its end at least", "L63"),
    Period("a log file", f"{LOGS_KEPT.days} days", "L63"),
)
"""Every period stated, from the figures that the code goes by; docs/retention.md has this table."""
