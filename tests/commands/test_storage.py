"""`voiceline storage orphans`: what an operator sees and mends after a restore."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from voiceline.commands.context import now
from voiceline.models import StoreWalk

KEY = f"rec/{uuid4()}/2026/11/RE{'1' * 32}.wav"


def test_a_store_in_order_says_so(run):
    ended = run("storage", "orphans", "--mend")

    assert ended.exit_code == 0, ended.output
    assert "Every voicemail has its object" in ended.output


def test_nothing_is_compared_unless_asked(run, services):
    put(services)

    ended = run("storage", "orphans")

    assert ended.exit_code == 0
    assert "never yet" in ended.output


def test_an_object_without_a_row_is_named_and_stays(run, services, monkeypatch):
    monkeypatch.setattr("jobs.strays.claim", lambda *_: None)
    put(services)

    ended = run("storage", "orphans", "--mend")

    assert ended.exit_code == 1, ended.output
    assert KEY in ended.output
    assert services.store.size(KEY) == 5


def test_the_figures_are_those_of_the_last_comparison(run, services, monkeypatch):
    monkeypatch.setattr("jobs.strays.claim", lambda *_: None)
    put(services)
    run("storage", "orphans", "--mend")

    ended = run("storage", "metrics")

    assert "voiceline_store_strays 1\n" in ended.output
    assert "voiceline_voicemails_missing 0\n" in ended.output


@pytest.mark.parametrize(("hours", "late"), [(40, False), (60, True)])
def test_the_doctor_tells_when_nobody_compares(run, services, hours, late):
    with services.sessions.begin() as session:
        long_ago = now() - timedelta(hours=hours)
        session.add(StoreWalk(id=1, began_at=long_ago, part="rows", after="", ended_at=None))

    ended = run("doctor")

    assert ("not compared for two nights" in ended.output) == late


def put(services):
    services.store.put(KEY, b"sound", content_type="audio/x-wav", tags={})
