"""The inbox's filter as it stands in an address: read, written again, and shown as chips.

What cannot be read is left out and said so; an address somebody mistyped still shows a list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from voiceline.dashboard.wording import CHANNELS, LANGUAGES, day
from voiceline.filters import EVERYTHING, Due, Expiring, Filter, Hand, Named
from voiceline.lists import Order, Scope
from voiceline.models import Channel
from voiceline.rules.plain_text import without_controls
from voiceline.rules.rights import LABELS, Right
from voiceline.rules.search_words import MOST_ASKED, asked_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from enum import StrEnum
    from uuid import UUID

    from voiceline.colleagues import Colleague

    Args = Mapping[str, str]

Choice = TypeVar("Choice", bound="StrEnum")

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
"""Days that are looked for; others are typing errors."""

DUES = {
    Due.OVERDUE: "Overdue",
    Due.WEEK: "Within 7 days",
    Due.FORTNIGHT: "Within 14 days",
    Due.LATER: "Later than 14 days",
}
EXPIRING = {each: f"Within {each} days" for each in Expiring}
RIGHTS = {Named.NOT_YET.value: "Not named yet", **{right.value: LABELS[right] for right in Right}}


@dataclass(frozen=True)
class Chosen:
    """What an address asks for, and what of it was left out."""

    filter: Filter
    scope: Scope
    order: Order
    refused: tuple[str, ...] = ()
    """A sentence each."""

    @property
    def is_filtered(self) -> bool:
        """Tell whether anything but the status and the order is chosen."""
        return self.filter != EVERYTHING


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the choice without it."""

    label: str
    without: Chosen


@dataclass(frozen=True)
class Known:
    """What a business has to choose from."""

    codes: Mapping[str, str]
    """Each service code and its brand."""
    colleagues: Sequence[Colleague]


def read_chosen(args: Args, known: Known) -> Chosen:
    """Read an address; what is unknown is left out, with a word about it."""
    reader = _Reader(args)
    since, until = reader.day("from"), reader.day("to")
    if since and until and since > until:
        reader.refused.append("The first day is after the last one: both were left out.")
        since = until = None
    found = Filter(
        words=reader.words(),
        due=reader.one("due", Due, "time"),
        right=reader.one("right", Named, None) or reader.one("right", Right, "right"),
        code=reader.of("code", known.codes, "service code"),
        channel=reader.one("channel", Channel, "way in"),
        language=reader.of("language", LANGUAGES, "language"),
        since=since,
        until=until,
        unread=args.get("unread") == "1",
        assigned=_hand(reader, known),
        expires=reader.one("expires", Expiring, "time"),
    )
    scope = reader.default("status", Scope, Scope.OPEN)
    return Chosen(
        found, scope, reader.default("order", Order, Order.DEADLINE), tuple(reader.refused)
    )


def as_args(chosen: Chosen) -> dict[str, Any]:
    """Write a choice for an address, always in the same order."""
    it = chosen.filter
    written = {
        "status": chosen.scope,
        "order": chosen.order,
        "q": it.words,
        "due": it.due,
        "right": it.right,
        "code": it.code,
        "channel": it.channel,
        "language": it.language,
        "from": it.since,
        "to": it.until,
        "unread": "1" if it.unread else None,
        "assigned": it.assigned,
        "expires": it.expires,
    }
    return {name: str(value) for name, value in written.items() if value}


def chips(chosen: Chosen, known: Known) -> list[Chip]:
    """Answer each condition in words, with the way to take it away."""
    names = {each.id: each.name for each in known.colleagues}
    told: dict[str, Callable[[Any], str]] = {
        "words": lambda words: f"“{words}”",
        "due": lambda due: f"Due: {DUES[due].lower()}",
        "right": lambda right: RIGHTS[right],
        "code": lambda code: f"Code {code}",
        "channel": lambda channel: CHANNELS[channel],
        "language": lambda language: LANGUAGES[language],
        "since": lambda since: f"From {day(since)}",
        "until": lambda until: f"Until {day(until)}",
        "unread": lambda _: "Unread by you",
        "expires": lambda expires: f"Voicemail expires {EXPIRING[expires].lower()}",
        "assigned": lambda to: HANDS.get(to) or f"Assigned to {names.get(to, 'a colleague')}",
    }
    found = [(name, getattr(chosen.filter, name)) for name in told]
    return [Chip(told[name](value), _without(chosen, name)) for name, value in found if value]


HANDS: dict[Any, str] = {Hand.MINE: "Assigned to you", Hand.NOBODY: "Assigned to nobody"}


def _without(chosen: Chosen, name: str) -> Chosen:
    nothing = getattr(EVERYTHING, name)
    return replace(chosen, filter=replace(chosen.filter, **{name: nothing}), refused=())


def _hand(reader: _Reader, known: Known) -> Hand | UUID | None:
    written = reader.args.get("assigned", "")
    if written in set(Hand):
        return Hand(written)
    ids = {str(each.id): each.id for each in known.colleagues}
    if written and written not in ids:
        reader.refused.append("We do not know that colleague: it was left out.")
    return ids.get(written)


class _Reader:
    """Reads an address value by value and keeps what it had to say."""

    def __init__(self, args: Args) -> None:
        self.args = args
        self.refused: list[str] = []

    def words(self) -> str:
        """Answer what is searched for, cut where it is too long."""
        written = " ".join(without_controls(self.args.get("q", "")).split())
        if len(written) > MOST_ASKED:
            self.refused.append(f"We search for the first {MOST_ASKED} characters.")
        written = written[:MOST_ASKED].strip()
        if written and not asked_for(written):
            self.refused.append("There is no word or number in what you search for.")
            return ""
        return written

    def day(self, name: str) -> date | None:
        """Answer a day."""
        written = self.args.get(name, "")
        try:
            found = date.fromisoformat(written) if written else None
        except ValueError:
            self.refused.append("That is no date: write it as year, month, day, 2026-11-21.")
            return None
        if found and not FIRST <= found <= LAST:
            self.refused.append("We look for days from 2000 to 2100: another one was left out.")
            return None
        return found

    def one(self, name: str, kind: type[Choice], what: str | None) -> Choice | None:
        """Answer one of a list, None where it is none; `what`: how to say so, if at all."""
        written = self.args.get(name, "")
        if written in set(kind):
            return kind(written)
        known = what is None or (name == "right" and written in set(Named))
        if written and not known:
            self.refused.append(f"We do not know that {what}: it was left out.")
        return None

    def default(self, name: str, kind: type[Choice], default: Choice) -> Choice:
        """Answer one of a list, or the first choice, without a word."""
        written = self.args.get(name, "")
        return kind(written) if written in set(kind) else default

    def of(self, name: str, known: Mapping[str, str], what: str) -> str | None:
        """Answer one of what there is."""
        written = self.args.get(name, "")
        if written and written not in known:
            self.refused.append(f"We do not know that {what}: it was left out.")
        return written if written in known else None
