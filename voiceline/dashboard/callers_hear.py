"""What a caller of a code hears, in order: the line's own sentences around the greeting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from voiceline.dashboard.context import services
from voiceline.rules.retention import RETENTION_DAYS
from webhooks.prompts import other_language, sentence

if TYPE_CHECKING:
    from voiceline.models import Business, ServiceCode

FIRST_LANGUAGE = "en"
"""What the line speaks until a caller chooses."""


@dataclass(frozen=True)
class Heard:
    """One thing a caller hears; without a sentence it is the greeting."""

    when: str
    sentence: str = ""


@dataclass(frozen=True)
class Dial:
    """How to reach a code as its callers do."""

    number: str
    keys: str
    """What is keyed once the line answers, such as `4021#`; empty where the number is enough."""
    telephone: str
    """The address that lets a telephone dial it."""
    softphone: str | None
    """Where the demo's telephone dials it."""


def heard_by_callers(code: ServiceCode, business: Business, language: str) -> list[Heard]:
    """Answer all of it from the first word to the tone, in the caller's language."""

    def say(name: str, **facts: str) -> str:
        return sentence(language, name, **facts)

    days = str(RETENTION_DAYS[business.tier])
    found = [Heard("When you are through", say("reached", business=code.spoken_name))]
    if is_asked_for_code(code, language):
        offer = sentence(other_language(language), "this_language")
        asked = " ".join((say("answer"), offer, say("enter_code")))
        found.insert(0, Heard("At first", asked))
    found += [Heard("The greeting"), Heard("After it", say("greeting_keys"))]
    if business.asks_right:
        found.append(Heard("Which right", say("rights")))
    notice = say("notice", business=code.spoken_name, days=days)
    found.append(Heard("Before the tone", f"{notice} {say('say_other')}"))
    return found


def standard_words(code: ServiceCode, language: str) -> str:
    """Answer what the line says where a business has no greeting of its own."""
    return sentence(language, "greeting", business=code.spoken_name)


def is_asked_for_code(code: ServiceCode, language: str) -> bool:
    """Tell whether these callers key the code: a number of one's own speaks the first language."""
    return code.dedicated_number is None or language != FIRST_LANGUAGE


def how_to_dial(code: ServiceCode, language: str) -> Dial:
    """Answer how to reach the code in that language."""
    settings = services().settings
    if not is_asked_for_code(code, language):
        number = str(code.dedicated_number)
        return Dial(number, "", f"tel:{number}", _softphone(number=number))
    number = settings.twilio_numbers[0]
    first = "" if language == FIRST_LANGUAGE else "2#"
    keys = f"{first}{code.code}#"
    pauses = ",,".join(part + "%23" for part in keys.split("#") if part)
    softphone = _softphone(number=number, code=code.code, language=language)
    return Dial(number, keys, f"tel:{number},,{pauses}", softphone)


def _softphone(**said: str) -> str | None:
    base = services().settings.softphone_url
    return f"{base}/?{urlencode(said)}" if base else None
