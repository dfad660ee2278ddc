"""Made-up voicemails: the text from which the domain's half of the language model is learnt."""

from __future__ import annotations

import random
import re
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voiceline.adapters.sphinx_language_model import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 1798
"""Any fixed number: the same sentences must always give the same model."""
BARE_ROUNDS = 4
"""How often every request sentence is said by itself, its slots filled anew each time."""
WRAPPED_MESSAGES = 12_000

_FOLDER = Path(__file__).parent
_SLOT = re.compile(r"\{(\w+)\}")
_FLAGS = ("agent", "child")
_SHAPES = (
    ("greeting", "name", "request", "number", "ending"),
    ("greeting", "name", "request", "number", "ending"),
    ("greeting", "request", "name", "number", "ending"),
    ("greeting", "request", "name", "number", "ending"),
    ("name", "request", "number", "ending"),
    ("request", "name", "number", "ending"),
    ("request", "name", "number"),
    ("greeting", "name", "number", "request", "ending"),
    ("greeting", "name", "contact", "request", "ending"),
    ("greeting", "name", "request", "contact", "ending"),
    ("greeting", "name", "aside", "request", "number", "ending"),
    ("greeting", "request", "aside", "name", "number", "ending"),
    ("greeting", "name", "request", "reference", "number", "ending"),
    ("greeting", "name", "reference", "request", "ending"),
    ("greeting", "flag", "name", "request", "number", "ending"),
    ("greeting", "name", "flag", "request", "name", "number", "ending"),
    ("greeting", "name", "request", "link", "request", "number", "ending"),
    ("greeting", "request", "link", "request", "name", "number", "ending"),
    ("greeting", "request", "request", "name", "number", "contact", "ending"),
    ("greeting", "name", "number", "aside", "ending"),
    ("greeting", "request", "ending"),
    ("request", "aside"),
    ("request",),
)
_LISTS = {
    "greeting": "greetings",
    "name": "introductions",
    "number": "numbers",
    "contact": "contacts",
    "reference": "references",
    "link": "links",
    "aside": "asides",
    "ending": "endings",
}
"""Which list of phrases.toml a part of a message is taken from."""
_SAME_RIGHT_SHARE = 0.8
"""A second wish is sometimes another right's, so that every pair of them is heard."""


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


def messages() -> Iterator[list[str]]:
    """Yield every message as its words; the same ones in the same order each time."""
    chance = random.Random(SEED)  # noqa: S311 - made-up sentences are no secret
    sentences = chain.from_iterable(_sentences(right) for right in _rights())
    for sentence in sentences:
        for _ in range(BARE_ROUNDS):
            yield _filled(sentence, chance).split()
    for _ in range(WRAPPED_MESSAGES):
        yield _message(chance).split()


def _rights() -> list[str]:
    return [name for name in _table("requests") if name != "slots"]


def _sentences(right: str) -> list[str]:
    found: list[str] = _table("requests")[right]["sentences"]
    return found


def _message(chance: random.Random) -> str:
    right = chance.choice([name for name in _rights() if name not in _FLAGS])
    return " ".join(_part(kind, right, chance) for kind in chance.choice(_SHAPES))


def _part(kind: str, right: str, chance: random.Random) -> str:
    if kind == "request":
        asked = right if spoken.happens(_SAME_RIGHT_SHARE, chance) else chance.choice(_rights())
        return _filled(chance.choice(_sentences(asked)), chance)
    if kind == "flag":
        return _filled(chance.choice(_sentences(chance.choice(_FLAGS))), chance)
    return _filled(chance.choice(_table("phrases")[_LISTS[kind]]), chance)


def _filled(sentence: str, chance: random.Random) -> str:
    """Put a choice into every slot; a choice may have slots of its own."""
    while _SLOT.search(sentence):
        sentence = _SLOT.sub(lambda slot: _choice(slot[1], chance), sentence)
    return sentence


def _choice(slot: str, chance: random.Random) -> str:
    slots: dict[str, list[str]] = _table("requests")["slots"]
    if slot in slots:
        return chance.choice(slots[slot])
    phrases = _table("phrases")
    if slot == "noun":
        return chance.choice(list[str](phrases["nouns"]))
    if slot in ("first", "last"):
        return chance.choice(str(_table("names")[slot]).split())
    if slot == "spelled":
        return " ".join(chance.choice(str(_table("names")["last"]).split()))
    return spoken.SPEAKERS[slot](phrases, _table("names"), chance)
