"""docs/configuration.md, written from the settings themselves.

`python tests/configuration_document.py` (or `make docs`) writes it; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import SecretStr

from voiceline.settings import Settings
from voiceline.settings_checks import PREFIX
from voiceline.settings_reading import KNOWN_ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "configuration.md"

INTRODUCTION = f"""\
# Configuration

Settings are environment variables that begin with `{PREFIX}`. They are read once, at the start;
a value that is not allowed, or a `{PREFIX}` name that is not in this list, stops the start with a
sentence that says which. Nothing has to be set to try Voiceline: the defaults are those of
`make demo`. What production needs is told in [operations.md](operations.md).

Each setting may be given as the path of a file that holds the value, under the name with `_FILE`
added: `{PREFIX}SECRET_KEY_FILE=/run/secrets/secret_key`. Secrets belong there.

This file is written from `voiceline/settings.py` by `make docs`.
"""

GROUPS = {
    "General": ("environment", "data_dir", "secret_key", "audit", "database", "redis", "log"),
    "Addresses": ("telephone", "fallback", "dashboard", "consumer"),
    "Voicemails in S3": ("store", "s3"),
    "Enterprises' own buckets": ("archive",),
    "The carrier": ("twilio",),
    "Transcripts and mail": ("transcriber", "mailer", "mail_from", "smtp"),
    "Signing in": ("google", "dns"),
    "Limits": ("",),
}
"""Chapters, each with how the names of its settings begin; the first that fits has it."""


def configuration_text() -> str:
    """Answer the whole document."""
    parts = [INTRODUCTION]
    for title in GROUPS:
        fields = [one for one in Settings.model_fields.items() if _group(one[0]) == title]
        if fields:
            parts.append(f"## {title}\n")
            parts += [_chapter(name, field) for name, field in fields]
    tests = ", ".join(f"`{name}`" for name in sorted(KNOWN_ELSEWHERE))
    parts.append(f"## Only for the tests\n\n{tests} are read by the tests alone.\n")
    return "\n".join(parts)


def default_text(field: FieldInfo) -> str:
    """Answer the default as it would be written into the environment."""
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", ()):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{value}`"


def _group(name: str) -> str:
    return next(title for title, beginnings in GROUPS.items() if name.startswith(tuple(beginnings)))


def _chapter(name: str, field: FieldInfo) -> str:
    facts = "; ".join([f"Default: {default_text(field)}", *_facts(field)])
    description = " ".join((field.description or "").split())
    return f"### {PREFIX}{name.upper()}\n\n{description}\n\n{facts}.\n"


def _facts(field: FieldInfo) -> Iterator[str]:
    annotation: Any = field.annotation
    if get_origin(annotation) is Literal:
        yield "one of " + ", ".join(f"`{choice}`" for choice in get_args(annotation))
    bounds = {
        name: getattr(one, name)
        for one in field.metadata
        for name in ("ge", "le")
        if hasattr(one, name)
    }
    if bounds:
        yield f"from {bounds['ge']} to {bounds['le']}"
    if annotation is SecretStr:
        yield "secret"


if __name__ == "__main__":
    DOCUMENT.write_text(configuration_text(), encoding="utf-8")
