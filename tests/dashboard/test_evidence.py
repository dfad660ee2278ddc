"""The button "Evidence pack": proven before its first byte, and nobody else's."""

from __future__ import annotations

import io

import pytest
from factories import make_member, make_user
from sqlalchemy import select
from staff import csrf_token, signed_in

from voiceline.errors import TemporaryFailure
from voiceline.evidence.checking import check_pack
from voiceline.models import AuditEntry, Role
from voiceline.rules.references import grouped


def test_the_button_gives_a_pack_that_holds(alice, world):
    answer = take(alice, world)

    finding = check_pack(io.BytesIO(answer.data))
    assert finding.manifest.reference == world.request.reference
    assert answer.content_type == "application/zip"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    name = f"VL-{grouped(world.request.reference)}_evidence_2026-11-21.zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_taking_it_is_proven_before_the_first_byte(alice, world, services):
    answer = take(alice, world, buffered=False)

    (entry,) = proofs(services)
    assert (entry.actor_id, entry.request_id) == (world.alice.id, world.request.id)
    assert b"".join(answer.response)
    assert "Evidence pack taken" in alice.get(world.page).text


def test_a_store_that_is_away_is_said_so(alice, world, services, monkeypatch):
    def fail(*_):
        raise TemporaryFailure("away")

    monkeypatch.setattr(type(services.store), "size", fail)

    answer = take(alice, world)

    assert answer.status_code == 503
    assert b"PK" not in answer.data[:2]


@pytest.mark.parametrize("method", ["get", "head"])
def test_no_link_takes_one(alice, world, services, method):
    answer = getattr(alice, method)(f"{world.page}/evidence.zip")

    assert answer.status_code == 405
    assert proofs(services) == []


def test_without_its_token_none_is_taken(alice, world, services):
    answer = alice.post(f"{world.page}/evidence.zip")

    assert answer.status_code == 400
    assert proofs(services) == []


def test_charlie_takes_none_of_acme(charlie, world, services):
    own = f"/businesses/{world.bolt.id}/requests/{world.foreign.id}"
    mixed = f"/businesses/{world.bolt.id}/requests/{world.request.id}"
    token = csrf_token(charlie, own)

    answers = [
        charlie.post(f"{page}/evidence.zip", data={"csrf_token": token})
        for page in (world.page, mixed)
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert proofs(services) == []


def test_a_viewer_takes_none(app, world, services):
    with services.sessions.begin() as session:
        vera = make_user(session, "Vera Vogt")
        make_member(session, session.merge(world.acme), vera, Role.VIEWER)
    viewer = signed_in(app, vera)

    assert "Evidence pack" not in viewer.get(world.page).text
    assert take(viewer, world).status_code == 403
    assert proofs(services) == []


def take(client, world, **facts):
    token = csrf_token(client, world.page)
    return client.post(f"{world.page}/evidence.zip", data={"csrf_token": token}, **facts)


def proofs(services) -> list[AuditEntry]:
    with services.sessions() as session:
        query = select(AuditEntry).where(AuditEntry.action == "request.exported")
        return list(session.scalars(query))
