""" "Why this date?", in English and Spanish."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceline.rules.deadlines import appeal_by, deadlines_for
from voiceline.rules.explanations import LANGUAGES, date_in_words, reasons, why
from voiceline.rules.jurisdictions import JURISDICTIONS
from voiceline.rules.rights import Right
from voiceline.rules.tables import read_table

NOON = date(2026, 11, 21)
LAWS = [key for key, law in JURISDICTIONS.items() if law.figures.respond]


def test_a_date_of_business_days_tells_both_readings():
    text = why(deadlines_for(Right.DELETE, NOON).acknowledge)

    assert text.startswith("Receipt must be confirmed by Friday, December 4, 2026.")
    assert "figures of California (CCPA) are used: 10 business days." in text
    assert "Saturday, November 21, 2026, is not counted" in text
    assert "it would be Monday, December 7, 2026. The earlier date is used." in text
    assert "not counted: Thursday, November 26, 2026." in text
    assert text.endswith("Source: 11 CCR 7021(a); our table of 2026-11-22.")


def test_the_same_is_said_in_spanish():
    text = why(deadlines_for(Right.OPT_OUT, NOON, "US-CA").respond, "es")

    assert text.startswith("La solicitud debe cumplirse cuanto antes, a más tardar el jueves 10 de")
    assert "La ley de California (CCPA) fija 15 días hábiles." in text
    assert "de lunes a viernes sería el lunes 14 de diciembre de 2026" in text
    assert "Fuente: 11 CCR 7026(f), 7027(g), 7221(n)(1)" in text


def test_calendar_days_do_not_move():
    text = why(deadlines_for(Right.DELETE, NOON, "US-CA").respond)

    assert "by Tuesday, January 5, 2027." in text
    assert "The law of California (CCPA) sets 45 calendar days." in text
    assert "none of them moves the date" in text
    assert "11 CCR 7021(b)" in text


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (deadlines_for(Right.DELETE, NOON, "EU").respond, "sets 1 month."),
        (deadlines_for(Right.DELETE, NOON, "EU").extend, "with the extension"),
        (deadlines_for(Right.DELETE, NOON, "US-VA").respond, "have a lawyer confirm it"),
        (deadlines_for(Right.DELETE, NOON, "US-IA").respond, "secondary source"),
        (deadlines_for(Right.CORRECT, NOON, "US-IA").respond, "did not grant this right"),
        (deadlines_for(Right.DELETE, NOON, "CA-FED").respond, "is a refusal by law"),
        (deadlines_for(Right.OPT_IN, NOON).respond, "No law sets a date for this"),
        (deadlines_for(None, NOON).respond, "Nobody has named the right"),
        (appeal_by(NOON, "US-CO"), "can appeal until Wednesday, January 20, 2027."),
        (appeal_by(NOON, "US-CO"), "day of the refusal"),
        (deadlines_for(Right.OPT_OUT, NOON).respond, "Holidays that were not counted"),
    ],
)
def test_what_is_special_about_a_date_is_said(due, said):
    assert said in why(due)


def test_readings_that_agree_are_told_once():
    due = deadlines_for(Right.DELETE, date(2026, 6, 28)).acknowledge

    text = why(due)

    assert due.literal_by == due.customary_by == date(2026, 7, 10)
    assert "and without them, the date is the same" in text
    assert "The earlier date is used" not in text
    assert "not counted: Saturday, July 4, 2026." in text


@given(
    st.sampled_from([None, *Right]),
    st.dates(date(2027, 1, 1), date(2059, 12, 31)),
    st.sampled_from(LAWS),
    st.sampled_from(LANGUAGES),
)
def test_every_date_can_be_explained(right, received, law, language):
    dates = deadlines_for(right, received, law)

    for due in filter(None, (dates.acknowledge, dates.respond, dates.extend)):
        sentences = reasons(due, language)

        assert date_in_words(due.by, language) in sentences[0]
        assert due.rule.citation in sentences[-1]
        assert len(sentences) == len(set(sentences))
        assert not re.search(r"[{}]|None", " ".join(sentences))


def test_both_languages_say_the_same_things():
    english, spanish = (read_table("explanations")[language] for language in LANGUAGES)

    for name, text in english["sentences"].items():
        told = re.findall(r"{\w+}", text)
        assert sorted(told) == sorted(re.findall(r"{\w+}", spanish["sentences"][name])), name
    assert english["sentences"].keys() == spanish["sentences"].keys()
    assert [len(words["months"]) for words in (english, spanish)] == [12, 12]
