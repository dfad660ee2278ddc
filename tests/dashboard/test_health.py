from __future__ import annotations

from sqlalchemy.exc import OperationalError


def test_health_is_ok_when_the_database_answers(anonymous):
    answer = anonymous.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def test_health_is_503_when_it_does_not(anonymous, services, monkeypatch):
    def fail(*_: object) -> None:
        raise OperationalError("select 1", {}, Exception("secret host"))

    monkeypatch.setattr(type(services.engine), "connect", fail)

    answer = anonymous.get("/healthz")

    assert answer.status_code == 503
    assert "secret host" not in answer.text
