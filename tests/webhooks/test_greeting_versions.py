"""The telephone plays what was saved last, in the caller's language, and asks nobody else."""

from __future__ import annotations

import pytest
from factories import AT, tone
from lines import open_line
from sqlalchemy import select

from voiceline.audit import OPERATOR
from voiceline.greetings import find_version, restore_greeting, set_greeting, use_standard
from voiceline.models import ServiceCode
from webhooks.prompts import sentence


@pytest.fixture
def line(environment, tmp_path):
    with open_line(environment, tmp_path) as opened:
        yield opened


@pytest.fixture
def change(line):
    """Do something to the greeting of Acme Shoes."""

    def change(verb, **facts):
        with line.services.sessions.begin() as session:
            code = session.scalars(select(ServiceCode).where(ServiceCode.code == "4021")).one()
            facts = {"language": "en", "at": AT} | facts
            return verb(session, code, **facts)

    return change


def heard(line, *keys) -> str:
    record = line.call(*keys)
    return " ".join(
        str(event.detail.get("text") or event.detail.get("url"))
        for event in record.events
        if event.kind in {"say", "play"}
    )


def standard(language: str) -> str:
    return sentence(language, "greeting", business="Acme Shoes")


def test_spanish_is_for_who_pressed_two(line, change):
    change(set_greeting, text="Hello from Acme.")
    change(set_greeting, text="Hola de Acme.", language="es")

    english, spanish = heard(line, "4021#", ",-", "1"), heard(line, "2#", "4021#", ",-", "1")

    assert ("Hello from Acme." in english, "Hola de Acme." in english) == (True, False)
    assert ("Hello from Acme." in spanish, "Hola de Acme." in spanish) == (False, True)


def test_without_a_spanish_greeting_the_lines_own_words_are_spanish(line, change):
    change(set_greeting, text="Hello from Acme.")

    spanish = heard(line, "2#", "4021#", ",-", "1")

    assert standard("es") in spanish
    assert "Hello from Acme." not in spanish


def test_the_lines_own_words_come_back_and_go(line, change):
    change(set_greeting, audio=tone())
    made = change(use_standard, by=OPERATOR)
    without = heard(line, "4021#", ",-", "1")

    def restore(session, code, **facts):
        first = find_version(session, code, "en", 1)
        return restore_greeting(session, code, first, by=OPERATOR, at=AT)

    again = change(restore)

    assert (made.version, again.version) == (2, 3)
    assert standard("en") in without
    assert again.audio_sha256 in heard(line, "4021#", ",-", "1")
