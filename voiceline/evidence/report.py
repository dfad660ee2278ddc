"""The report: one page for people, which needs no other file, no network and no script."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from voiceline.evidence.words import check_words, sentence
from voiceline.models import EventKind
from voiceline.rules.letters import LetterKind
from voiceline.rules.references import grouped
from voiceline.rules.rights import LABELS, Right

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voiceline.evidence.trail import Trail

TEMPLATE = "report.html"
NOTED = "Noted by a colleague that the consumer was told on"
NOT_NAMED = "Not named"


def write_report(
    documents: Mapping[str, Mapping[str, Any]], trail: Trail, made_at: str, *, sealed_with: str
) -> str:
    """Answer the page; all that it shows stands in the pack's other files, too."""
    zone = ZoneInfo(documents["request"]["business"]["time_zone"])

    def local(text: str | None) -> str:
        if text is None:
            return "not yet"
        at = datetime.fromisoformat(text).astimezone(zone)
        return f"{at:%Y-%m-%d %H:%M:%S %Z}"

    people = documents["request"]["people"]
    found = check_words(documents["request"], documents["history"], map(json.loads, trail.lines))
    said: dict[str, list[str]] = {}
    for each in found:
        said.setdefault(each.row, []).append(sentence(each))
    page = _environment().get_template(TEMPLATE)
    return page.render(
        **documents["request"],
        messages=documents["messages"]["messages"],
        notes=documents["notes"]["notes"],
        letters=documents["letters"]["letters"],
        deliveries=documents["letters"]["deliveries"],
        events=documents["history"]["events"],
        rights_by_id={each["id"]: right_name(each) for each in documents["request"]["rights"]},
        trail=trail,
        said=said,
        told=lambda extended: how_told(extended, documents),
        NOTED=NOTED,
        made_at=made_at,
        sealed_with=sealed_with,
        local=local,
        name_of=lambda user_id: people.get(user_id or "", "the line itself"),
    )


def how_told(extended: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> str:
    """Say how the consumer learnt of the extension of a right's answer, or of an appeal's decision.

    By a letter that is in the pack, or else a colleague says so.
    """
    told_on = extended["extended_told_on"]
    if told_on is None:
        return "the consumer was not told of it"
    is_appeal = "right_id" in extended
    about = (extended["right_id"], extended["id"]) if is_appeal else (extended["id"], None)
    went = {
        event["facts"]["letter"]
        for event in documents["history"]["events"]
        if event["kind"] == EventKind.LETTER_SENT and event["facts"]["sent_on"] == told_on
    }
    for letter in documents["letters"]["letters"]:
        of = letter["kind"] == LetterKind.EXTENSION and letter["id"] in went
        if of and (letter["right_id"], letter["appeal_id"]) == about:
            way = words(letter["way"]).lower()
            return f"the consumer was told on {told_on} by the letter “{letter['subject']}” ({way})"
    return f"{NOTED[0].lower()}{NOTED[1:]} {told_on}"


def right_name(facts: Mapping[str, Any]) -> str:
    """Name a right as people do."""
    return LABELS[Right(facts["right"])] if facts["right"] else NOT_NAMED


def words(name: str | None) -> str:
    """Write one of our words as people do: `note_added` as `Note added`."""
    return (name or "none").replace("_", " ").replace(".", ": ").capitalize()


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("voiceline.evidence", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(grouped=grouped, right_name=right_name, words=words)
    return made
