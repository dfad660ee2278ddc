"""What every page has: a language, a way on, and every sentence from the one table."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from visitors import complaints

from voiceline import consumer, web_texts
from voiceline.consumer.fields import RIGHTS, STANDINGS
from voiceline.rules.lifecycle import RequestStatus
from voiceline.rules.rights import Right

SAID = re.compile(
    r'(?:say|sentence)\(\s*(?:language,\s*)?"(\w+)"|"((?:error|confirm|receipt|mail|form|status)_\w+)"'
)
ERRORS = ("missing", "refused", "method", "large", "broken", "away")
HERE = Path(consumer.__file__).parent
JOBS = HERE.parents[1] / "jobs"


def test_both_languages_say_the_same_things():
    english, spanish = (web_texts._read(language) for language in web_texts.LANGUAGES)

    for section in ("sentences", "rights", "standings", "standing_hints"):
        assert list(english[section]) == list(spanish[section])
    assert english["version"] == spanish["version"]
    for name, text in english["sentences"].items():
        assert facts_of(text) == facts_of(spanish["sentences"][name]), name


def test_every_sentence_is_said_somewhere():
    files = [*HERE.rglob("*.py"), *HERE.rglob("*.html"), *JOBS.glob("*_message.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    said = {one for pair in SAID.findall(text) for one in pair if one}
    made = {f"status_{status}" for status in RequestStatus}
    made |= {f"{name}{end}" for name in ERRORS for end in ("", "_title")}
    made |= {"receipt_opt_out", "receipt_other"}

    known = set(web_texts._read("en")["sentences"])

    assert known - said - made == set()
    assert made <= known


def test_every_right_but_two_can_be_asked_for():
    left_out = set(Right) - set(RIGHTS)

    assert left_out == {Right.STATUS, Right.SWITCH_PURPOSE}


def test_form_offers_every_right_and_standing_once(public):
    page = public.client.get("/4021").text

    for right in RIGHTS:
        assert page.count(f'name="rights" value="{right}"') == 1
    for standing in STANDINGS:
        assert page.count(f'name="standing" value="{standing}"') == 1


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [
        ("/4021", "", "en"),
        ("/4021", "es-MX,es;q=0.9,en;q=0.5", "es"),
        ("/4021", "fr,de", "en"),
        ("/4021", ";;;q=x", "en"),
        ("/4021?lang=es", "en", "es"),
        ("/4021?lang=en", "es", "en"),
        ("/status?lang=es", "", "es"),
        ("/no/such/page?lang=es", "", "es"),
    ],
)
def test_language_is_chosen_or_the_browsers(public, path, accepts, language):
    page = public.client.get(path, headers={"Accept-Language": accepts})

    assert f'<html lang="{language}">' in page.text


def test_spanish_stays_spanish_to_the_end(public):
    public.path = "/4021?lang=es"

    wrong = public.ask(email="x")
    page = public.receipt()

    assert complaints(wrong)[0].startswith("Escriba un correo electr\u00f3nico")
    assert "Se recibi\u00f3 su solicitud" in page.text
    assert "respuesta a m\u00e1s tardar el 5 de enero de 2027" in page.text
    assert 'href="/status?lang=es"' in page.text


def test_request_knows_its_language(public, services):
    from sqlalchemy import select  # noqa: PLC0415 - only here

    from voiceline.models import PrivacyRequest  # noqa: PLC0415

    public.path = "/4021?lang=es"

    public.receipt()

    with services.sessions() as session:
        assert session.scalars(select(PrivacyRequest.language)).one() == "es"


def test_code_leads_to_its_form(public):
    answers = [
        public.client.get("/", query_string={"code": code, "lang": "es"})
        for code in ("4021", " 40 21# ", "\uff14\uff10\uff12\uff11")
    ]

    assert {answer.headers["Location"] for answer in answers} == {"/4021?lang=es"}


@pytest.mark.parametrize("code", ["", "0", "//evil.example", "4021/../status", "javascript:x"])
def test_code_that_is_none_leads_nowhere(public, code):
    answer = public.client.get("/", query_string={"code": code})

    assert answer.status_code == 404
    assert "We found no form here" in answer.text


def test_form_costs_few_statements(public, services):
    from staff import statements  # noqa: PLC0415 - only here

    with statements(services.engine) as asked:
        public.client.get("/4021")

    assert len(asked) <= 3


def facts_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("path", ["/metrics/%00", "/metrics/abc", "/receipt/%00", "/assets/%00/x"])
def test_addresses_that_are_no_text_are_missing(public, path):
    answer = public.client.get(path)

    assert answer.status_code == 404
