"""Every sentence a caller hears, in English and Spanish, with the version that was played."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

DEFAULT = "en"
LANGUAGES = ("en", "es")


def language_or_default(language: str | None) -> str:
    """Answer a language we speak."""
    return language if language in LANGUAGES else DEFAULT


def other_language(language: str) -> str:
    """Answer the language a caller changes to."""
    return LANGUAGES[1 - LANGUAGES.index(language)]


def sentence(language: str, name: str, **facts: str) -> str:
    """Answer a sentence with its facts filled in; an unknown name is a programming error."""
    text: str = _read(language)["sentences"][name]
    return text.format(**facts)


def voice(language: str) -> tuple[str, str]:
    """Answer the carrier's voice and language tag."""
    table = _read(language)
    return table["voice"], table["language"]


def version(language: str) -> str:
    """Answer the version of the sentences, such as `es/2026-11-22.1`."""
    return f"{language}/{_read(language)['version']}"


def spoken_date(language: str, day: date) -> str:
    """Write a date as it is spoken: `November 22, 2026`."""
    months = _read(language)["months"]
    text: str = months["date"]
    return text.format(day=day.day, month=months["names"][day.month - 1], year=day.year)


def spoken_reference(reference: str) -> str:
    """Write nine digits so that they are read one by one, in threes with pauses."""
    groups = (reference[:3], reference[3:6], reference[6:])
    return "; ".join(", ".join(group) for group in groups)


@cache
def _read(language: str) -> dict[str, Any]:
    file = resources.files(__package__).joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
