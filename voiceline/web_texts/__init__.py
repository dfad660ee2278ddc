"""Every sentence of the public pages and of their messages, in English and Spanish."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from voiceline.rules.rights import WITHOUT_VERIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

DEFAULT = "en"
LANGUAGES = ("en", "es")


def language_or_default(language: str | None) -> str:
    """Answer a language that we write."""
    return language if language in LANGUAGES else DEFAULT


def other_language(language: str) -> str:
    """Answer the language to change to."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def sentence(language: str, name: str, **facts: object) -> str:
    """Answer a sentence with its facts filled in; an unknown name is a programming error."""
    text: str = _read(language)["sentences"][name]
    return text.format(**facts)


def right_name(language: str, right: str) -> str:
    """Say a right as somebody asks for it."""
    name: str = _read(language)["rights"][right]
    return name


def what_follows(language: str, business: str, asked: Iterable[str]) -> list[str]:
    """Say what the business does next: with what needs no proof, and with the rest, where asked."""
    stops: list[str] = []
    others: list[str] = []
    for right in asked:
        found = stops if right in WITHOUT_VERIFICATION else others
        found.append(f"“{right_name(language, right)}”")
    return [
        sentence(language, name, business=business, rights=", ".join(named))
        for name, named in (("receipt_opt_out", stops), ("receipt_other", others))
        if named
    ]


def rights(language: str) -> Mapping[str, str]:
    """Answer every right that can be asked for here, in words."""
    found: dict[str, str] = _read(language)["rights"]
    return found


def standings(language: str) -> Mapping[str, str]:
    """Answer everybody for whom can be asked here, in words."""
    found: dict[str, str] = _read(language)["standings"]
    return found


def standing_hint(language: str, standing: str) -> str | None:
    """Say what may be asked of who asks for somebody else, where anything may."""
    hints: dict[str, str] = _read(language)["standing_hints"]
    return hints.get(standing)


def version(language: str) -> str:
    """Answer the version of the sentences, such as `es/2026-11-22.2`."""
    return f"{language}/{_read(language)['version']}"


def written_date(language: str, day: date) -> str:
    """Write a date in words: `November 22, 2026`."""
    months = _read(language)["months"]
    text: str = months["date"]
    return text.format(day=day.day, month=months["names"][day.month - 1], year=day.year)


@cache
def _read(language: str) -> dict[str, Any]:
    file = resources.files(__package__).joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
