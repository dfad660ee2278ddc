from __future__ import annotations

import pytest
from flask import abort
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from voiceline.dashboard import requests as requests_feature
from voiceline.dashboard.error_pages import WORDS

CANARY = "dana whitfield +14155550123"


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_error_says_what_why_and_what_next(app, anonymous, monkeypatch, code):
    monkeypatch.setitem(app.view_functions, "health.check", lambda: abort(code))

    answer = anonymous.get("/healthz")

    assert answer.status_code == code
    for sentence in (WORDS[code].what, WORDS[code].why, WORDS[code].next):
        assert sentence in answer.text


def test_error_without_words_of_its_own_has_a_page(app, anonymous, monkeypatch):
    monkeypatch.setitem(app.view_functions, "health.check", lambda: abort(418))

    answer = anonymous.get("/healthz")

    assert answer.status_code == 418
    assert "What next?" in answer.text


def test_method_that_is_not_taken_names_those_that_are(alice):
    answer = alice.post("/businesses")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_large_form_is_refused_with_a_page(anonymous):
    answer = anonymous.post("/sign-in", data={"email": "x" * 70_000})

    assert answer.status_code == 413
    assert "64 kilobytes" in answer.text


def test_form_of_many_parts_is_refused(anonymous):
    fields = {f"field{n}": "x" for n in range(100)}

    answer = anonymous.post("/sign-in", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 413


def test_failure_shows_and_logs_nothing_of_anybody(alice, world, monkeypatch):
    def fail(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(requests_feature, "find_request", fail)

    with capture_logs() as lines:
        answer = alice.get(world.page)

    assert answer.status_code == 500
    assert CANARY not in answer.text
    (line,) = lines
    assert line["event"] == "dashboard_failed"
    assert isinstance(line["error"], RuntimeError)
    assert "test_error_pages.py" in line["step"]


def test_database_that_fails_is_503(alice, world, monkeypatch):
    def fail(*_: object) -> None:
        raise OperationalError(CANARY, {}, Exception())

    monkeypatch.setattr(requests_feature, "find_request", fail)

    answer = alice.get(world.page)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert CANARY not in answer.text
