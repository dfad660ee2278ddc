"""The sentences of the letters, from en.toml and es.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "es")


def sentence(language: str, table: str, name: str, /, **facts: str) -> str:
    """Answer a sentence with its facts filled in; an unknown name is a programming error."""
    text: str = _read(language)[table][name]
    return text.format(**facts)


def part(language: str, name: str, facts: dict[str, str]) -> str:
    """Answer a paragraph of a letter."""
    text: str = _read(language)["parts"][name]
    return text.format(**facts)


def points(language: str) -> list[str]:
    """Answer what a consumer may be asked to tell again, by name."""
    found: dict[str, str] = _read(language)["points"]
    return list(found.values())


def version(language: str) -> str:
    """Answer the version of the sentences: `es/2026-11-22.1`."""
    return f"{language}/{_read(language)['version']}"


@cache
def _read(language: str) -> dict[str, Any]:
    file = resources.files(__package__).joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
