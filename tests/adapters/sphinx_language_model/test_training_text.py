from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from voiceline.adapters import sphinx_language_model
from voiceline.adapters.sphinx_language_model.training_text import messages

FOLDER = Path(sphinx_language_model.__file__).parent
LABELS = {
    *("delete", "know", "opt_out", "limit", "correct", "close_account", "portability"),
    *("withdraw_consent", "appeal", "complaint", "stop_contact", "status", "agent", "child"),
    "not_request",
}


def test_same_messages_are_made_every_time():
    first = list(messages())

    second = list(messages())

    assert first == second


def test_messages_hold_spoken_words_only(made_up):
    odd = {word for message in made_up for word in message if not re.fullmatch("[a-z']+", word)}

    assert odd == set()


def test_every_kind_of_request_has_sentences():
    table = tomllib.loads((FOLDER / "requests.toml").read_text("utf-8"))

    counts = {name: len(part["sentences"]) for name, part in table.items() if name != "slots"}

    assert set(counts) == LABELS
    assert min(counts.values()) >= 20


def test_messages_hold_names_numbers_and_requests(made_up):
    said = [" ".join(message) for message in made_up]

    for phrase in ("my name is", "five five five", "delete", "do not sell", "dot com", "thank you"):
        assert sum(phrase in message for message in said) > 100, phrase


def test_no_sentence_is_written_twice():
    table = tomllib.loads((FOLDER / "requests.toml").read_text("utf-8"))

    sentences = [s for name in LABELS for s in table[name]["sentences"]]

    assert len(sentences) == len(set(sentences))


@pytest.fixture(scope="module")
def made_up():
    return list(messages())
