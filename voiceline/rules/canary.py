"""A canary call: what it does and when, which steps prove the line, and when it counts as broken.

The call is blind: nobody at its end hears a prompt, so it waits as long as our sentences last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "es")
TIME_LIMIT = 75
"""Seconds after which the carrier hangs up whatever happens; a call that goes well takes 60."""

LATE_AFTER = timedelta(minutes=3)
"""A proof that took longer is good, but late: something had to be made up for."""

GIVE_UP_AFTER = timedelta(minutes=20)
"""The carrier's recordings are compared with ours every 10 minutes: by now that has happened."""

UNHEARD_AFTER = timedelta(minutes=3)
"""Of a call whose placing nobody confirmed, this long nothing came: it was not placed."""

SETTLED_AFTER = timedelta(seconds=30)
"""How long after the carrier says that a call is over it may still bring something."""

SECOND_OPINION = timedelta(minutes=5)
"""After a first failure the next call comes sooner, so that an alarm does not wait for long."""

KEPT_FOR = timedelta(days=400)
"""Proofs are kept for a year and the month in which somebody asks for them."""


class CanaryStep(StrEnum):
    """What a canary call tries, in this order."""

    PLACED = "placed"
    ANSWERED = "answered"
    CODE = "code"
    GREETING = "greeting"
    RECORDED = "recorded"
    CALLBACK = "callback"
    COLLECTED = "collected"
    FILED = "filed"
    ACKNOWLEDGED = "acknowledged"
    TRANSCRIBED = "transcribed"


class CanaryOutcome(StrEnum):
    """How a canary call ended."""

    OK = "ok"
    LATE = "late"
    FAILED = "failed"


STEP_WORDS = {
    CanaryStep.PLACED: "the carrier placed the call",
    CanaryStep.ANSWERED: "the number answered",
    CanaryStep.CODE: "the code was accepted",
    CanaryStep.GREETING: "the greeting was spoken",
    CanaryStep.RECORDED: "the message was recorded",
    CanaryStep.CALLBACK: "the recording was reported",
    CanaryStep.COLLECTED: "the audio was stored unchanged",
    CanaryStep.FILED: "the request was filed with its dates",
    CanaryStep.ACKNOWLEDGED: "the acknowledgement was spoken",
    CanaryStep.TRANSCRIBED: "the words were found in the draft",
}

AT_ONCE = frozenset(
    {CanaryStep.ANSWERED, CanaryStep.CODE, CanaryStep.GREETING, CanaryStep.RECORDED}
)
"""Steps whose failure is told after one call: what a consumer meets there, nothing makes up for.

All others are repeated by themselves or are no neighbour's fault for long: two calls in a row.
"""

SPOKEN: Mapping[str, frozenset[str]] = {
    "en": frozenset(["would", "like", "you", "delete", "all", "personal", "information"]),
    "es": frozenset(["quiero", "que", "vendan", "compartan", "mis", "datos", "personales"]),
}
"""Words of the sentence the call speaks that a draft must hold; half of them are enough."""

NOTICE_SECONDS = {"en": 21, "es": 22}
"""From the key that ends the greeting to the tone: how long what must be said before it lasts."""


@dataclass(frozen=True)
class Judged:
    """One call's end, as the next one looks back on it."""

    placed_at: datetime
    outcome: CanaryOutcome | None
    failed_step: CanaryStep | None = None


def write_script(code: str, language: str, sentence_url: str) -> str:
    """Answer the inline document of the call: code, greeting, message, send, acknowledgement."""
    keyed = f"{code}#"
    choose = '<Play digits="ww2#"/><Pause length="1"/>' if language == "es" else ""
    said = escape(sentence_url)
    return (
        f'<Response>{choose}<Play digits="ww{keyed}"/><Pause length="3"/><Play digits="1"/>'
        f'<Pause length="{NOTICE_SECONDS[language]}"/><Play loop="2">{said}</Play>'
        '<Pause length="1"/><Play digits="#"/><Pause length="3"/><Play digits="1"/>'
        '<Pause length="12"/><Play digits="1"/><Pause length="3"/><Hangup/></Response>'
    )


def holds_words(draft: str, language: str) -> bool:
    """Tell whether the draft holds at least half of the words that were spoken."""
    known, heard = SPOKEN[language], {word.strip(".,;:!?").lower() for word in draft.split()}
    return len(known & heard) * 2 >= len(known)


def is_trouble(streak: Sequence[Judged]) -> bool:
    """Tell whether failures in a row are worth waking somebody."""
    return len(streak) > 1 or any(each.failed_step in AT_ONCE for each in streak)


def is_silent(newest: datetime | None, period: timedelta, at: datetime) -> bool:
    """Tell whether no call was placed for so long that nothing places any."""
    return newest is None or at > newest + 2 * period + GIVE_UP_AFTER


def next_wait(last: Sequence[Judged], period: timedelta) -> timedelta:
    """Answer how long to wait after the last call; `last` are those of its number, newest first.

    A second failure does not hurry any more: whoever is told has all the time to mend it.
    """
    failed = [each.outcome == CanaryOutcome.FAILED for each in last[:2]]
    return min(SECOND_OPINION, period) if failed in ([True], [True, False]) else period


def next_in_turn(numbers: Sequence[str], last: tuple[str, str] | None) -> tuple[str, str]:
    """Answer the number and the language of the next call: each number in each language in turn."""
    turns = [(number, language) for language in LANGUAGES for number in numbers]
    return turns[(turns.index(last) + 1) % len(turns)] if last in turns else turns[0]
