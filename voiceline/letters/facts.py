"""The facts of a request as a letter says them: names, dates in words, reasons with citations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voiceline.letters import wording
from voiceline.letters.occasions import about, named, stopped, taken_for_now, verifiable
from voiceline.rules.denials import DENIALS, Code
from voiceline.rules.explanations import date_in_words
from voiceline.rules.jurisdictions import UNKNOWN, find_jurisdiction
from voiceline.rules.letters import LetterKind
from voiceline.rules.outcomes import OPEN
from voiceline.rules.references import grouped
from voiceline.rules.rights import LEAST_DATA_POINTS, RIGHTS, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from voiceline.letters.composing import Draft
    from voiceline.models import PrivacyRequest
    from voiceline.rules.rights import Right


def facts_of(draft: Draft) -> dict[str, str]:
    """Answer all that any part may name; what this letter has no use for is empty."""
    request, language = draft.request, draft.language
    return {
        "dear": _dear(request, language),
        "business": request.service_code.spoken_name,
        "reference": grouped(request.reference),
        "received_on": date_in_words(request.received_on, language),
        "today": date_in_words(draft.today, language),
        "contact": draft.contact,
        "rights": _listed((name_right(each.right, language) for each in named(draft)), language),
        "verifiable": _listed((name_right(each, language) for each in verifiable(draft)), language),
        "stopped": _listed((name_right(each, language) for each in stopped(draft)), language),
        "dates": _dates(draft),
        "due_by": date_in_words(_due_by(draft), language),
        "authority": _authority(request.jurisdiction, language),
        "count": str(_count(draft)),
        "points": ", ".join(wording.points(language)),
        "free": draft.free,
        **_facts_of_right(draft),
        **_facts_of_appeal(draft),
    }


def name_right(right: Right | None, language: str) -> str:
    """Name a right as a consumer would understand it."""
    if right is None:
        return wording.sentence(language, "words", "unnamed")
    return RIGHTS[right].spanish if language == "es" else RIGHTS[right].english


def reason_lines(reasons: Iterable[dict[str, str]], language: str) -> str:
    """Write each reason with what is behind it and the law it rests on."""
    return "\n".join(_reason(reason, language) for reason in reasons)


def _facts_of_right(draft: Draft) -> dict[str, str]:
    right, language = draft.right, draft.language
    taken_for = taken_for_now(draft)
    extended = draft.kind == LetterKind.EXTENSION
    because = (right.extended_because if extended else right.deferred_because) if right else None
    return {
        "done": (right and right.done) or "",
        "not_done": (right and right.not_done) or "",
        "controller": (right and right.controller) or "",
        "because": because or "",
        "reasons": reason_lines((right and right.reasons) or (), language),
        "respond_by": _day(right.respond_by if right else None, language),
        "extended_by": _day(right.extended_by if right else None, language),
        "appeal_by": _day(right.appeal_by if right else None, language),
        "taken_for_by": _day(taken_for.due_by if taken_for else None, language),
    }


def _facts_of_appeal(draft: Draft) -> dict[str, str]:
    appeal = draft.appeal
    if appeal is None:
        return {"appealed_on": ""}
    facts = {"appealed_on": date_in_words(appeal.received_on, draft.language)}
    if draft.kind != LetterKind.EXTENSION:
        return facts | {"because": appeal.because or ""}
    return facts | {
        "because": appeal.extended_because or "",
        "respond_by": _day(appeal.decide_by, draft.language),
        "extended_by": _day(appeal.extended_by, draft.language),
    }


def _dear(request: PrivacyRequest, language: str) -> str:
    name = request.requester.name if request.requester else None
    if name:
        return wording.sentence(language, "words", "dear", name=" ".join(name.split()))
    return wording.sentence(language, "words", "dear_nobody")


def _listed(names: Iterable[str], language: str) -> str:
    found = [f"“{name}”" for name in names]
    if len(found) <= 1:
        return "".join(found)
    word = wording.sentence(language, "words", "and")
    return f"{', '.join(found[:-1])} {word} {found[-1]}"


def _due_by(draft: Draft) -> date:
    """Answer the earliest date of what the letter names; of the request, where it names nothing."""
    if draft.right is None and draft.kind != LetterKind.IDENTITY_ASKED:
        return draft.request.respond_by
    return min((each.due_by for each in named(draft)), default=draft.request.respond_by)


def _dates(draft: Draft) -> str:
    language = draft.language
    return "\n".join(
        f"- {name_right(each.right, language)}: {date_in_words(each.due_by, language)}"
        for each in about(draft)
        if each.status in OPEN
    )


def _reason(reason: dict[str, str], language: str) -> str:
    facts = DENIALS[Code(reason["code"])]
    lines = [facts.spanish if language == "es" else facts.english, reason["explanation"]]
    if reason["citation"]:
        lines.append(wording.sentence(language, "words", "law", citation=reason["citation"]))
    return "- " + " ".join(line for line in lines if line)


def _authority(key: str, language: str) -> str:
    place = find_jurisdiction(key)
    name = place.spanish if language == "es" else place.english
    if key == UNKNOWN:
        word = "complain_unknown"
    elif key.startswith("US-"):
        word = "complain_state"
    else:
        word = "complain_europe" if key == "EU" else "complain_abroad"
    return wording.sentence(language, "words", word, place=name)


def _count(draft: Draft) -> int:
    """Answer how many data points the most demanding right takes (11 CCR 7062(b), (c))."""
    needed = [LEAST_DATA_POINTS.get(RIGHTS[each].verification, 0) for each in verifiable(draft)]
    return max([*needed, LEAST_DATA_POINTS[Verification.REASONABLE]])


def _day(day: date | None, language: str) -> str:
    return date_in_words(day, language) if day else ""
