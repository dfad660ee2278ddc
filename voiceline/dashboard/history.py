"""What happened to a request, in words: each kind of entry with the facts it holds.

The facts are those of the moment: an entry of before may lack one, and then says less.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from voiceline.dashboard.contact import CONTACT
from voiceline.dashboard.identity import LEVELS, METHODS
from voiceline.dashboard.wording import HAPPENED, LETTERS, WAYS, day, said_how
from voiceline.models import EventKind, Suspicion
from voiceline.rules.allowed import STATES
from voiceline.rules.denials import DENIALS
from voiceline.rules.residences import RESIDENCES
from voiceline.rules.rights import LABELS
from voiceline.rules.standings import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from voiceline.casework import HistoryLine


SUSPICIONS = {
    Suspicion.HIDDEN_FIELD: "a field was filled in that no person sees, so it may be a program's: "
    "nothing was sent to the address in it, and receipt was not confirmed",
}


def happened(line: HistoryLine) -> str:
    """Say what happened, and with which right."""
    about = f": {LABELS[line.right]}" if line.right else ""
    return f"{HAPPENED[line.kind]}{about}"


def details(line: HistoryLine) -> list[str]:
    """Say what was decided, in sentences without an end."""
    tell = DETAILS.get(line.kind)
    return [said for said in (tell(line.facts) if tell else ()) if said]


def _on(facts: Mapping[str, Any], name: str, sentence: str) -> str | None:
    """Fill a date in, where the entry has it."""
    written = facts.get(name)
    return sentence.format(day(date.fromisoformat(written))) if written else None


def _name(names: Mapping[Any, str], facts: Mapping[str, Any], fact: str) -> str | None:
    """Name what the entry has as a word; an unknown word is said as it is."""
    word = facts.get(fact)
    return names.get(word, str(word)) if word else None


def _filed(facts: Mapping[str, Any]) -> list[str | None]:
    return [_name(SUSPICIONS, facts, "suspected_because")]


def _acknowledged(facts: Mapping[str, Any]) -> list[str | None]:
    return [said_how(facts["how"]) if facts.get("how") else None]


def _verified(facts: Mapping[str, Any]) -> list[str | None]:
    return [_name(METHODS, facts, "method"), _name(LEVELS, facts, "level")]


def _extended(facts: Mapping[str, Any]) -> list[str | None]:
    told = _on(facts, "told_on", "noted that the consumer was told on {}")
    return [_on(facts, "by", "until {}"), told]


def _refused(facts: Mapping[str, Any]) -> list[str | None]:
    sentences = {code: reason.english for code, reason in DENIALS.items()}
    codes = [sentences.get(code, str(code)) for code in facts.get("codes") or ()]
    return [*codes, _on(facts, "appeal_by", "the consumer can appeal until {}")]


def _deferred(facts: Mapping[str, Any]) -> list[str | None]:
    return [_on(facts, "due_by", "still due on {}")]


def _reopened(facts: Mapping[str, Any]) -> list[str | None]:
    was = _name(STATES, facts, "was")
    return [f"it was {was}" if was else None, facts.get("because"), *_deferred(facts)]


def _appealed(facts: Mapping[str, Any]) -> list[str | None]:
    return [_on(facts, "decide_by", "to be decided by {}")]


def _named(facts: Mapping[str, Any]) -> list[str | None]:
    instead = _name(LABELS, facts, "instead_of")
    return [
        f"in place of: {instead}" if instead else None,
        _on(facts, "respond_by", "due on {}"),
    ]


def _struck(facts: Mapping[str, Any]) -> list[str | None]:
    return [facts.get("because")]


def _residence(facts: Mapping[str, Any]) -> list[str | None]:
    names = {key: place.english for key, place in RESIDENCES.items()}
    return [_name(names, facts, "residence")]


def _standing(facts: Mapping[str, Any]) -> list[str | None]:
    return [_name({each: said.english for each, said in STANDINGS.items()}, facts, "standing")]


def _contact(facts: Mapping[str, Any]) -> list[str | None]:
    return [CONTACT.get(name, name) for name in facts.get("changed") or ()]


def _assigned(facts: Mapping[str, Any]) -> list[str | None]:
    if facts.get("to") is None:
        return ["to nobody"]
    return [f"to {facts['name']}" if facts.get("name") else "to a former colleague"]


def _moved(facts: Mapping[str, Any]) -> list[str | None]:
    return [_on(facts, "received_on", "on {}"), _on(facts, "was", "not on {}")]


def _handed(facts: Mapping[str, Any]) -> list[str | None]:
    return [f"code {facts['to_code']}" if facts.get("to_code") else None]


def _handed_back(facts: Mapping[str, Any]) -> list[str | None]:
    return [f"from code {facts['code']}" if facts.get("code") else None, facts.get("because")]


def _returned(facts: Mapping[str, Any]) -> list[str | None]:
    return [_name(LETTERS, facts, "about"), "what it told is to be told another way"]


def _letter(facts: Mapping[str, Any]) -> list[str | None]:
    sent = [_name(LETTERS, facts, "about"), _name(WAYS, facts, "way"), _on(facts, "sent_on", "{}")]
    return [*sent, _on(facts, "owed_by", "after the first date, {}")]


def _undone(facts: Mapping[str, Any]) -> list[str | None]:
    return [_name(HAPPENED, facts, "undone")]


def handed_over(history: Iterable[HistoryLine]) -> bool:
    """Tell from a history, the newest first, whether the operator gave the request last."""
    changed_hands = {EventKind.HANDED_OVER, EventKind.HANDED_BACK}
    last = next((line.kind for line in history if line.kind in changed_hands), None)
    return last == EventKind.HANDED_OVER


DETAILS: dict[EventKind, Callable[[Mapping[str, Any]], list[str | None]]] = {
    EventKind.FILED: _filed,
    EventKind.ACKNOWLEDGED: _acknowledged,
    EventKind.VERIFIED: _verified,
    EventKind.NOT_VERIFIED: _verified,
    EventKind.EXTENDED: _extended,
    EventKind.PARTLY: _refused,
    EventKind.DENIED: _refused,
    EventKind.DEFERRED: _deferred,
    EventKind.REOPENED: _reopened,
    EventKind.APPEALED: _appealed,
    EventKind.APPEAL_REVERSED: _reopened,
    EventKind.RIGHT_NAMED: _named,
    EventKind.RIGHT_STRUCK: _struck,
    EventKind.RESIDENCE_SET: _residence,
    EventKind.STANDING_SET: _standing,
    EventKind.CONTACT_SET: _contact,
    EventKind.ASSIGNED: _assigned,
    EventKind.RECEIPT_MOVED: _moved,
    EventKind.HANDED_OVER: _handed,
    EventKind.HANDED_BACK: _handed_back,
    EventKind.LETTER_SENT: _letter,
    EventKind.LETTER_RETURNED: _returned,
    EventKind.UNDONE: _undone,
}
"""What an entry of that kind tells; the others say all with their name."""
