"""Whether what colleagues wrote is what the trail bound: from a pack's own files, without us.

Of each kind of words the newest step counts that was not undone. What a step made void is not said
any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voiceline.audit.words import OF_APPEAL, OF_RIGHT, words_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Facts = Mapping[str, Any]

REQUEST, HISTORY = "request.json", "history.json"


@dataclass(frozen=True)
class Kind:
    """Words that are written together, by which steps, and by which they become void."""

    name: str
    steps: tuple[str, ...]
    void_by: tuple[str, ...] = ()
    copied_by: tuple[str, ...] = ()
    """Steps that write them now and then: those that do bind them."""


_OF_RIGHT = (
    Kind(
        "answer",
        ("completed", "partly_completed", "denied", "redirected"),
        ("reopened", "appeal_reversed"),
    ),
    Kind("extension", ("extended",), copied_by=("right_named",)),
    Kind("deferral", ("deferred",), ("resumed", "reopened", "appeal_reversed")),
)
_OF_APPEAL = (
    Kind("extension of the decision", ("extended",)),
    Kind("decision on the appeal", ("appeal_upheld", "appeal_reversed")),
)


@dataclass(frozen=True)
class Said:
    """What was found of some words of a right, or of an appeal."""

    row: str
    """The id of the right or the appeal."""
    right: str | None
    """Which right it is about; None: nobody named it."""
    kind: str
    entry: int | None
    """The entry of the trail that should bind them; None where none is there."""
    holds: bool | None
    """None: the step was noted before entries bound words, or is not in the trail."""


@dataclass(frozen=True)
class _Step:
    """One entry of casework in the trail, with what the history says of it."""

    number: int
    id: str
    name: str
    facts: Facts
    right_id: str | None
    undoes_id: str | None


def check_words(request: Facts, history: Facts, entries: Iterable[Facts]) -> list[Said]:
    """Hold the words in a pack's request against the entries, which were checked before.

    `request` and `history` are what the files of those names hold. Raises KeyError, TypeError or
    AttributeError for what is none of ours.
    """
    steps = list(_standing(history["events"], entries))
    rights = {each["id"]: each for each in request["rights"]}
    found = [
        _said(right, right, kind, OF_RIGHT, [step for step in steps if _is_of(step, right)])
        for right in rights.values()
        for kind in _OF_RIGHT
    ]
    found += [
        _said(appeal, rights[appeal["right_id"]], kind, OF_APPEAL, about)
        for appeal in request["appeals"]
        for about in [[step for step in steps if step.facts.get("appeal") == appeal["id"]]]
        for kind in _OF_APPEAL
    ]
    return [each for each in found if each is not None]


def sentence(said: Said) -> str:
    """Say what was found, for people."""
    if said.holds is None:
        return f"The words of this {said.kind} are bound by no entry of the audit trail."
    if said.holds:
        return f"The words of this {said.kind} are those that entry {said.entry} binds."
    return f"The words of this {said.kind} are NOT those that entry {said.entry} binds."


def _is_of(step: _Step, right: Facts) -> bool:
    # an appeal that is extended leaves the extension of the answer alone
    own = step.name != "extended" or "appeal" not in step.facts
    return own and step.right_id == right["id"]


def _standing(events: Sequence[Facts], entries: Iterable[Facts]) -> Iterator[_Step]:
    """Yield the steps that were not undone, in the order of the trail."""
    known = {event["id"]: event for event in events}
    steps = [
        _Step(
            entry["sequence"],
            event["id"],
            entry["action"].removeprefix("request."),
            entry["facts"],
            event["right_id"],
            event["undoes_id"],
        )
        for entry in entries
        for event in [known.get(entry["facts"].get("entry"))]
        if event is not None and entry["action"].startswith("request.")
    ]
    undone = {step.undoes_id for step in steps if step.name == "undone"}
    return (step for step in steps if step.id not in undone)


def _is_about(step: _Step, kind: Kind) -> bool:
    copied = step.name in kind.copied_by and "words" in step.facts
    return copied or step.name in kind.steps + kind.void_by


def _said(
    row: Facts,
    right: Facts,
    kind: Kind,
    columns: Mapping[str, tuple[str, ...]],
    steps: Sequence[_Step],
) -> Said | None:
    words = {name: row[name] for name in columns[kind.steps[0]]}
    is_there = any(value is not None for value in words.values())
    last = next((step for step in steps[::-1] if _is_about(step, kind)), None)
    holds = None
    if last is not None and last.name not in kind.void_by and "words" in last.facts:
        holds = words_digest(right["id"], words) == last.facts["words"]
    elif not is_there:
        return None
    elif last is not None and last.name in kind.void_by:
        holds = False
    return Said(row["id"], right["right"], kind.name, last.number if last else None, holds)
