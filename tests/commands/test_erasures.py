"""`voiceline erasure`, as an operator answers who wants a recording gone for good."""

from __future__ import annotations

import json

import pytest
from factories import make_business, make_code, make_message

from jobs import erase as erase_job
from voiceline.models import AuditEntry, Erasure

WHY = ("--because", "Maria, verified by mail")


@pytest.fixture
def reference(services):
    services.store.keys.prove()  # as at the first start
    with services.sessions.begin() as session:
        code = make_code(session, make_business(session))
        request, voicemail = make_message(session, code, services.store)
        voicemail.carrier_deleted_at = voicemail.received_at
        return request.reference


def test_what_it_impairs_is_said_before_anybody_confirms(run, services, reference):
    answer = run("erasure", "order", reference, *WHY, input="n\n")

    assert answer.exit_code != 0
    assert "nobody hears any more what was asked for" in answer.stderr
    assert _orders(services) == []


def test_an_order_is_in_the_trail_and_in_the_list(run, services, reference):
    answer = run("erasure", "order", f"VL-{reference}", *WHY, input="y\n")

    (made,) = _orders(services)
    assert (answer.exit_code, answer.stdout) == (0, f"Ordered: {made.id}\n")
    assert "under way: not begun" in run("erasure", "list").output
    with services.sessions() as session:
        entries = session.query(AuditEntry).filter_by(action="erasure.ordered").all()
    assert [(entry.actor_kind.value, entry.facts) for entry in entries] == [
        ("operator", '{"count":1}')
    ]


def test_a_certificate_is_there_once_it_is_done(run, services, reference, monkeypatch):
    monkeypatch.setattr(erase_job, "services", lambda: services)
    run("erasure", "order", reference, *WHY, "--yes")
    (made,) = _orders(services)

    early = run("erasure", "certificate", str(made.id))
    erase_job.erase(str(made.id))
    signed = json.loads(run("erasure", "certificate", str(made.id)).output)

    assert str(early.exception) == "It is not done yet: it is under way."
    assert json.loads(signed["line"])["erased"]["recordings"] == 1
    assert "erased 20" in run("erasure", "list").output


@pytest.mark.parametrize("words", [("order", "000000000", *WHY), ("certificate", f"{0:032x}")])
def test_what_is_not_there_is_said(run, words):
    answer = run("erasure", *words, "--yes") if words[0] == "order" else run("erasure", *words)

    assert str(answer.exception).startswith("There is no such")


def test_an_empty_reason_is_asked_for(run, services, reference):
    answer = run("erasure", "order", reference, "--because", "  ", "--yes")

    assert str(answer.exception).startswith("Say why")
    assert _orders(services) == []


def _orders(services):
    with services.sessions() as session:
        return session.query(Erasure).all()
