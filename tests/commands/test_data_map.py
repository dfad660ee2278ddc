"""`voiceline data-map`, as the operator answers who asks on service code 1."""

from __future__ import annotations

from factories import make_business, make_code, make_message


def test_what_is_held_in_general_needs_no_database(run):
    answer = run("data-map")

    assert answer.exit_code == 0
    assert "Content of consumers: calls, voicemails, transcripts, requests" in answer.output


def test_a_person_is_asked_for_and_not_repeated(run, services):
    with services.sessions.begin() as session:
        make_message(session, make_code(session, make_business(session)))

    answer = run("data-map", "--about", input="415 555 0123\n")

    assert answer.exit_code == 0
    assert "1 x a recording: where it lies" in answer.stdout
    assert "555" not in answer.stdout


def test_what_is_no_address_or_number_is_said(run):
    answer = run("data-map", "--about", input="Maria\n")

    assert answer.exit_code != 0
    assert str(answer.exception).startswith("Write an e-mail address or a phone number")
