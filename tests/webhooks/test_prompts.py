"""Every sentence a caller hears, in both languages, and how long it takes to get to the tone."""

from __future__ import annotations

import re
import string
import tomllib
from importlib import resources

import pytest
from signed import call_facts
from source_tree import ROOT

from voiceline.rules.lifecycle import RequestStatus
from webhooks import prompts

CHARACTERS_A_SECOND = 15
MOST_SECONDS_TO_THE_TONE = 25
MOST_CHOICES = 5
"""Keys that one menu offers; more are forgotten before they are pressed (ux.md section 6)."""

COMPUTED = {f"status_{status}" for status in RequestStatus}
"""Sentences whose name is made of a status."""


def test_both_languages_have_the_same_sentences():
    english, spanish = (_table(language)["sentences"] for language in prompts.LANGUAGES)

    assert english.keys() == spanish.keys()


def test_both_languages_fill_in_the_same_facts():
    english, spanish = (_table(language)["sentences"] for language in prompts.LANGUAGES)

    differing = [name for name in english if _facts(english[name]) != _facts(spanish[name])]

    assert not differing


def test_both_languages_have_the_same_version():
    english, spanish = (_table(language) for language in prompts.LANGUAGES)

    assert english["version"] == spanish["version"]
    assert len(english["months"]["names"]) == len(set(spanish["months"]["names"])) == 12


def test_every_sentence_named_in_code_exists():
    sentences = _table("en")["sentences"]

    assert _named_in_code() | COMPUTED <= sentences.keys()


def test_no_sentence_is_left_that_nobody_says():
    sentences = _table("en")["sentences"]

    assert sentences.keys() <= _named_in_code() | COMPUTED


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_no_sentence_tells_a_caller_off(language):
    sentences = _table(language)["sentences"].values()

    scolding = re.compile(
        r"\b(in|un)?(valid|válid)[aeo]?s?\b|error|incorrect|equivoc", re.IGNORECASE
    )

    assert not [text for text in sentences if scolding.search(text)]


@pytest.mark.parametrize("language", prompts.LANGUAGES)
def test_no_menu_offers_too_many_keys(language):
    keys = re.compile(r"\b(?:press|oprima|marque)\b", re.IGNORECASE)

    sizes = {name: len(keys.findall(text)) for name, text in _table(language)["sentences"].items()}

    assert max(sizes.values()) <= MOST_CHOICES, sizes


@pytest.mark.parametrize("keys", [("4021#", "1"), ("2#", "4021#", "1")], ids=prompts.LANGUAGES)
def test_who_knows_the_code_soon_hears_the_tone(line, keys):
    record = line.call(*keys)

    (beep,) = (event for event in record.events if event.kind == "beep")
    spoken = sum(event.detail["seconds"] for event in record.events if _is_uncut(event, record))
    assert spoken > CHARACTERS_A_SECOND
    assert beep.second <= MOST_SECONDS_TO_THE_TONE


def test_spanish_is_offered_in_spanish(telephone):
    offer = telephone.answer().verb("Gather").prompts[1]

    assert (offer.text, offer.language) == ("Para español, oprima dos y numeral.", "es-US")


def test_english_is_offered_in_english(telephone):
    spanish = telephone.key(telephone.answer(), "2")

    offer = spanish.verb("Gather").prompts[0]

    assert (offer.text, offer.language) == ("For English, press two and pound.", "en-US")


def test_every_language_is_spoken_by_its_own_voice(telephone):
    spanish = telephone.key(telephone.answer(), "2")

    greeting = telephone.post(spanish.verb("Gather").action, call_facts(Digits="4021"))

    voices = {(say.voice, say.language) for say in greeting.verb("Gather").prompts}
    assert voices == {("Polly.Lupe-Neural", "es-US")}


def test_a_reference_is_spoken_digit_by_digit():
    assert prompts.spoken_reference("123456789") == "1, 2, 3; 4, 5, 6; 7, 8, 9"


def _is_uncut(event, record):
    return event.kind == "say" and any(
        heard.whole and heard.text == event.detail["text"] for heard in record.heard
    )


def _table(language):
    text = resources.files(prompts).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _facts(sentence):
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name)


def _named_in_code():
    """Every plain string in webhooks that is the name of a sentence, and every name said."""
    sentences = _table("en")["sentences"]
    code = "\n".join(path.read_text() for path in (ROOT / "webhooks").rglob("*.py"))
    said = set(re.findall(r'\bsay\(\s*(?:\w|\.|\(|\))+,\s*"(\w+)"', code))
    return said | {name for name in sentences if f'"{name}"' in code}
