"""`voiceline records export`: the log, when nobody can sign in for it any more."""

from __future__ import annotations

import csv
import io
import json

import pytest
from factories import make_business, make_code, make_request
from sqlalchemy import select

from voiceline import record_files
from voiceline.models import ActorKind, AuditEntry
from voiceline.records import begin_record


@pytest.mark.parametrize("word", ["id", "name", "code"])
def test_log_of_a_closed_account_is_csv(run, closed, word):
    ended = run("records", "export", "--business", closed[word])

    assert ended.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(ended.stdout.removeprefix("\ufeff"))))
    assert [row["asked_of"] for row in rows] == ["Acme Shoes"] * 3
    assert list(rows[0]) == list(record_files.COLUMNS)


def test_log_of_a_closed_account_is_json(run, closed):
    ended = run("records", "export", "--business", closed["id"], "--format", "json")

    found = json.loads(ended.stdout)
    assert len({row["reference"] for row in found["records"]}) == 3


def test_log_of_many_pieces_is_written_whole(run, closed, monkeypatch):
    monkeypatch.setattr("voiceline.records.MOST_ROWS", 2)

    ended = run("records", "export", "--business", closed["id"], "--format", "json")

    assert len(json.loads(ended.stdout)["records"]) == 3


@pytest.mark.parametrize("form", ["csv", "json"])
def test_export_is_in_the_trail_as_the_operators(run, closed, services, form):
    run("records", "export", "--business", closed["id"], "--format", form)

    with services.sessions() as session:
        (entry,) = session.scalars(select(AuditEntry).filter_by(action="records.exported"))
    assert str(entry.business_id) == closed["id"]
    assert (entry.actor_kind, entry.actor_id) == (ActorKind.OPERATOR, None)
    assert entry.facts == f'{{"form":"{form}"}}'


def test_empty_log_is_a_whole_file(run, services):
    with services.sessions.begin() as session:
        make_business(session)

    ended = run("records", "export", "--business", "Acme Shoes", "--format", "json")

    assert json.loads(ended.stdout)["records"] == []


@pytest.mark.parametrize("word", ["nobody", "00000000-0000-4000-8000-000000000000"])
def test_nobodys_log_is_a_mistake_and_in_no_trail(run, services, word):
    ended = run("records", "export", "--business", word)

    assert ended.exit_code == 1
    assert word in str(ended.exception)
    with services.sessions() as session:
        assert not session.scalars(select(AuditEntry).filter_by(action="records.exported")).all()


@pytest.fixture
def closed(services):
    """What a closed account can be named by; three requests are in its log."""
    with services.sessions.begin() as session:
        business = make_business(session)
        code = make_code(session, business, "4021")
        for _ in range(3):
            made = make_request(session, code)
            begin_record(session, made, at=made.filed_at)
        business.close()
        return {"id": str(business.id), "name": business.name, "code": "4021"}
