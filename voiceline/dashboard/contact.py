"""Who asks and how to reach them, as a colleague types it: on a form of its own, or entering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voiceline import desk
from voiceline.dashboard.fields import text_of
from voiceline.dashboard.steps import Step
from voiceline.desk import Contact
from voiceline.email_addresses import read_email
from voiceline.errors import UserError
from voiceline.rules.phone_numbers import read_phone
from voiceline.rules.plain_text import without_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from voiceline.dashboard.fields import Typed
    from voiceline.dashboard.steps import Sitting

LONGEST_ADDRESS = 1000
"""Characters of a postal address."""

CONTACT = {
    "name": "name of who asks",
    "consumer_name": "name of the consumer",
    "email": "e-mail",
    "phone": "telephone",
    "postal_address": "postal address",
}
"""What the facts of a contact are called."""


def text_reader(name: str, most: int) -> Callable[[Typed], str | None]:
    """Read a text of at most so many characters."""
    return lambda typed: _short(typed, name, most) or None


def line_reader(name: str, most: int) -> Callable[[Typed], str | None]:
    """Read a single line of at most so many characters."""
    return lambda typed: without_lines(_short(typed, name, most)) or None


def _read_email(typed: Typed) -> str | None:
    text = text_of(typed, "email")
    address = read_email(text)
    if text and address is None:
        raise UserError("That is no e-mail address: write it like dana@example.com.")
    return address


def _read_phone(typed: Typed) -> str | None:
    text = text_of(typed, "phone")
    number = read_phone(text)
    if text and number is None:
        raise UserError("That is no telephone number: write it like 415 555 0123 or +44 20 ...")
    return number


def _short(typed: Typed, name: str, most: int) -> str:
    text = text_of(typed, name)
    if len(text) > most:
        raise UserError(f"That is too long: at most {most:,} characters.")
    return text


CONTACT_READERS: dict[str, Callable[[Typed], str | None]] = {
    "name": line_reader("name", 200),
    "consumer_name": line_reader("consumer_name", 200),
    "email": _read_email,
    "phone": _read_phone,
    "postal_address": text_reader("postal_address", LONGEST_ADDRESS),
}
"""How each fact of a contact is read."""


def set_contact(sitting: Sitting) -> None:
    """Note who asks and how to reach them."""
    read = {name: reader(sitting.typed) for name, reader in CONTACT_READERS.items()}
    sitting.take(desk.set_contact, Contact(**read))


def as_noted(sitting: Sitting) -> dict[str, Any]:
    """Show what is noted already."""
    asker = sitting.request.requester
    return {"noted": {name: getattr(asker, name, None) or "" for name in CONTACT}}


STEPS = (
    Step(
        "set_contact",
        "Note how to reach the consumer",
        "As they said it, in the message or since. It is used to answer this request and for "
        "nothing else, and it proves nothing.",
        set_contact,
        of_right=False,
        facts=as_noted,
        button="Note it",
    ),
)
