"""The status of a request by its reference: what became of it and when, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from lines import CALLER
from signed import CALL, call_facts

from voiceline import filing, intake
from voiceline.models import Allowance, Call, PrivacyRequest, User
from voiceline.rules.references import check_digit
from webhooks import status

AT = datetime(2026, 11, 20, 20, tzinfo=UTC)
ENDED = datetime(2026, 12, 3, 5, tzinfo=UTC)
"""A moment of the 2nd where the business is, and of the 3rd in UTC."""

CLERK = uuid4()
SPOKEN = {
    "received": "received on November 20, 2026. It is being worked on. You will have an answer by",
    "acknowledged": "and has been acknowledged. It is being worked on. You will have an answer by",
    "completed": "completed on December 2, 2026.",
    "denied": "answered on December 2, 2026. It was not granted",
    "withdrawn": "withdrawn on December 2, 2026.",
}
HABLADO = {
    "received": "se recibió el 20 de noviembre de 2026. Se está trabajando",
    "acknowledged": "se recibió el 20 de noviembre de 2026 y se confirmó",
    "completed": "se completó el 2 de diciembre de 2026.",
    "denied": "se contestó el 2 de diciembre de 2026. No se concedió",
    "withdrawn": "se retiró el 2 de diciembre de 2026.",
}


@pytest.mark.parametrize("became", SPOKEN)
def test_every_status_is_told_in_english(telephone, request_as, became):
    reference = request_as(became)

    told = telephone.key(_prompt(telephone), reference)

    assert told.verbs[-1] == "Hangup"
    assert SPOKEN[became] in told.said
    assert told.said.endswith("Goodbye.")


@pytest.mark.parametrize("became", HABLADO)
def test_every_status_is_told_in_spanish(telephone, request_as, became):
    reference = request_as(became)
    spanish = telephone.key(telephone.answer(), "2")

    told = telephone.key(telephone.key(spanish, "9"), reference)

    assert HABLADO[became] in told.said
    assert {verb.language for verb in told.document.verbs if hasattr(verb, "text")} == {"es-US"}


@pytest.mark.parametrize("became", SPOKEN)
def test_no_status_tells_who_asked_whom_for_what(telephone, request_as, became):
    reference = request_as(became)

    told = telephone.key(_prompt(telephone), reference).text

    assert not [word for word in ("Acme", "delete", reference, CALLER) if word in told]


def test_a_message_still_on_its_way_has_a_status(telephone, services):
    with services.sessions.begin() as session:
        reference = filing.allot_reference(session, _begin(session))

    told = telephone.key(_prompt(telephone), reference)

    assert "received on November 20, 2026. It is being worked on." in told.said
    assert "an answer by January 4, 2027" in told.said


def test_foreign_and_missing_references_sound_alike(telephone):
    missing = telephone.key(_prompt(telephone), _valid("00000001"))
    malformed = telephone.key(_prompt(telephone), "123")

    assert missing.said == malformed.said
    assert "found no request with that reference" in missing.said


@pytest.mark.parametrize("digits", ["", "*", "12345678", "123456789", "abc", "0" * 200])
def test_a_third_wrong_reference_ends_kindly(telephone, digits):
    first = telephone.key(_prompt(telephone), digits)
    second = telephone.key(first, digits)

    third = telephone.key(second, digits)

    assert first.verbs == second.verbs == ["Gather", "Redirect"]
    assert third.verbs == ["Say", "Say", "Hangup"]
    assert "call back" in third.said


def test_a_repeated_delivery_is_no_second_try(telephone):
    heard = _prompt(telephone)

    answers = {telephone.key(heard, "123").text for _ in range(3)}

    assert len(answers) == 1


def test_one_caller_cannot_try_references_for_ever(telephone, request_as):
    reference = request_as("received")
    for _ in range(status.PER_CALLER):
        telephone.key(_prompt(telephone), "123")

    refused = telephone.key(_prompt(telephone), reference)
    other = telephone.key(_prompt(telephone), reference, From="+14155550999")

    assert "Too many references" in refused.said
    assert refused.verbs[-1] == "Hangup"
    assert SPOKEN["received"] in other.said


def test_all_callers_together_cannot_try_for_ever(telephone, request_as, monkeypatch):
    reference = request_as("received")
    monkeypatch.setattr(status, "OVERALL", 3)
    for number in range(3):
        telephone.key(_prompt(telephone), "123", From=f"+1415555020{number}")

    refused = telephone.key(_prompt(telephone), reference, From="+14155550999")

    assert "Too many references" in refused.said


def test_looking_up_lists_no_callers(telephone, rows):
    telephone.key(_prompt(telephone), "123")

    assert not [row.key for row in rows(Allowance) if CALLER[1:] in row.key]
    assert not rows(Call)


def _prompt(telephone):
    return telephone.post(telephone.answer().verb("Gather").action, call_facts(Digits="9"))


def _valid(digits):
    return digits + check_digit(digits)


def _begin(session):
    code = intake.find_code(session, "4021", AT)
    return intake.begin_call(session, carrier_id=CALL, service_code=code, at=AT)


@pytest.fixture
def request_as(services):
    """File a request, take it to a status, and answer its reference."""

    def make(became):
        with services.sessions.begin() as session:
            session.add(User(id=CLERK, email="clerk@acme.example", name="Clerk", created_at=AT))
            session.flush()
            request_id = filing.file_request(session, _begin(session), received_at=AT, at=AT)
            request = session.get_one(PrivacyRequest, request_id)
            assert request.received_on == date(2026, 11, 20)
            _move(request, became)
            return request.reference

    return make


def _move(request, became):
    moves = {
        "received": lambda: None,
        "acknowledged": lambda: request.acknowledge(how="by e-mail", at=ENDED, by=CLERK),
        "completed": lambda: request.complete(at=ENDED, by=CLERK),
        "denied": lambda: request.deny(at=ENDED, by=CLERK),
        "withdrawn": lambda: request.withdraw(at=ENDED, by=CLERK),
    }
    moves[became]()
