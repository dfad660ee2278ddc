"""Reading what somebody typed into a form; what cannot be read is a sentence that says what can."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeVar

from voiceline.errors import UserError
from voiceline.rules.plain_text import without_controls

if TYPE_CHECKING:
    from enum import StrEnum

    from werkzeug.datastructures import MultiDict

    Typed = MultiDict[str, str]

Choice = TypeVar("Choice", bound="StrEnum")


def seen_version(typed: Typed) -> int:
    """Answer which version of the request the form was made for."""
    try:
        return int(typed.get("version", ""))
    except ValueError:
        raise UserError(
            "We cannot tell which state of the request you saw. It is shown as it is now: look at "
            "it and send the form again."
        ) from None


def text_of(typed: Typed, name: str) -> str:
    """Answer what was written there, without what is no text; nothing is an empty text."""
    return without_controls(typed.get(name, "")).strip()


def date_of(typed: Typed, name: str) -> date | None:
    """Answer the day, None where none was given."""
    written = text_of(typed, name)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise UserError("That is no date: write it as year, month, day, 2026-11-21.") from None


def one_of(typed: Typed, name: str, kind: type[Choice], what: str) -> Choice:
    """Answer what was chosen."""
    return chosen(kind, text_of(typed, name), what)


def all_of(typed: Typed, name: str, kind: type[Choice], what: str) -> frozenset[Choice]:
    """Answer all that was ticked, which may be nothing."""
    return frozenset(chosen(kind, each, what) for each in typed.getlist(name))


def chosen(kind: type[Choice], value: str, what: str) -> Choice:
    """Answer the choice that is meant, or raise UserError where it is none of the list."""
    try:
        return kind(value)
    except ValueError:
        raise UserError(f"Choose {what} from the list.") from None
