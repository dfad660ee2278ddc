"""What people do on the pages stands in the audit trail of the business it was done to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import PASSWORD, make_business, make_code, unknown_id
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from staff import csrf_token, sign_in, signed_in

from voiceline import refusals
from voiceline.audit.checking import check_chain
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.errors import TemporaryFailure
from voiceline.models import AuditEntry, AuditName
from voiceline.rules.service_codes import OPERATOR_CODE


class TestListening:
    def test_pieces_of_one_listening_are_one_entry(self, alice, world, services):
        for start in (0, 1000, 20000):
            alice.get(world.audio, headers={"Range": f"bytes={start}-"})

        (entry,) = proofs(services, world.acme, "voicemail.listened")
        assert (entry.actor_id, entry.subject_id) == (world.alice.id, world.voicemail.id)
        assert entry.request_id == world.request.id

    def test_next_sitting_is_another_entry(self, alice, world, services, clock):
        alice.get(world.audio)
        clock.wait(timedelta(minutes=5))
        alice.get(world.audio)

        assert len(proofs(services, world.acme, "voicemail.listened")) == 2

    def test_download_is_an_entry_of_its_own(self, alice, world, services):
        alice.get(world.audio)
        alice.get(f"{world.page}/download")

        assert len(proofs(services, world.acme, "voicemail.downloaded")) == 1

    def test_entry_is_there_before_the_first_byte(self, alice, world, services):
        answer = alice.get(world.audio, buffered=False)

        assert len(proofs(services, world.acme, "voicemail.listened")) == 1
        assert b"".join(answer.response)

    def test_what_cannot_be_proven_is_not_played(self, alice, world, monkeypatch):
        def fail(*_):
            raise OperationalError("insert", {}, Exception("gone"))

        monkeypatch.setattr("voiceline.audit.trail._append", fail)

        answer = alice.get(world.audio)

        assert answer.status_code == 503
        assert b"RIFF" not in answer.data

    @pytest.mark.parametrize("headers", [{"If-None-Match": "{tag}"}, {"Range": "bytes=9-5"}])
    def test_what_sends_no_audio_is_no_listening(self, alice, world, services, headers):
        tag = alice.head(world.audio).headers["ETag"]

        alice.get(
            world.audio, headers={name: text.format(tag=tag) for name, text in headers.items()}
        )

        assert proofs(services, world.acme, "voicemail.listened") == []

    def test_store_that_fails_is_no_listening(self, alice, world, services, monkeypatch):
        def fail(*_):
            raise TemporaryFailure("away")

        monkeypatch.setattr(type(services.store), "stream", fail)

        alice.get(world.audio)

        assert proofs(services, world.acme, "voicemail.listened") == []


class TestOpening:
    def test_opening_a_request_is_proven_once_a_sitting(self, alice, bob, world, services):
        alice.get(world.page)
        alice.get(world.page)
        bob.get(world.page)

        found = proofs(services, world.acme, "request.opened")

        assert [entry.actor_id for entry in found] == [world.alice.id, world.bob.id]
        assert {entry.subject_id for entry in found} == {world.request.id}

    def test_looking_whether_it_exists_opens_nothing(self, alice, world, services):
        alice.head(world.page)

        assert proofs(services, world.acme, "request.opened") == []


class TestSession:
    def test_signing_in_and_out_are_proven(self, anonymous, world, services):
        sign_in(anonymous, "alice@example.com")
        anonymous.post("/sign-out", data={"csrf_token": csrf_token(anonymous, world.inbox)})

        found = [entry for entry in proofs(services, world.acme) if entry.subject_kind == "person"]

        assert [entry.action for entry in found] == ["person.signed_in", "person.signed_out"]
        assert {entry.actor_id for entry in found} == {world.alice.id}
        assert [entry.facts for entry in found] == ["{}", "{}"]

    def test_signing_out_everywhere_says_so(self, alice, world, services):
        alice.post("/sign-out-everywhere", data={"csrf_token": csrf_token(alice, world.inbox)})

        (entry,) = proofs(services, world.acme, "person.signed_out")
        assert entry.facts == '{"everywhere":true}'

    def test_signing_out_twice_is_one_entry(self, alice, world, services, app):
        cookie = alice.get_cookie("voiceline").value
        alice.post("/sign-out", data={"csrf_token": csrf_token(alice, world.inbox)})
        replayed = app.test_client()
        replayed.set_cookie("voiceline", cookie)

        replayed.post("/sign-out")

        assert len(proofs(services, world.acme, "person.signed_out")) == 1

    def test_wrong_password_is_one_entry_in_the_business_alone(self, anonymous, world, services):
        for _ in range(2):
            sign_in(anonymous, "alice@example.com", PASSWORD + "!")

        (refused,) = proofs(services, world.acme)
        assert (refused.action, refused.subject_id) == ("person.sign_in_refused", world.alice.id)
        assert proofs(services, world.bolt) == []

    def test_other_businesses_do_not_hear_of_it(self, anonymous, world, services):
        sign_in(anonymous, "alice@example.com")

        assert proofs(services, world.bolt) == []

    def test_name_is_kept_beside_the_chain(self, alice, world, services):
        (entry,) = proofs(services, world.acme, "person.signed_in")

        with services.sessions() as session:
            assert session.get_one(AuditName, entry.actor_name).name == "Alice Abbott"


class TestRefusal:
    def test_foreign_business_is_told_who_asked(self, charlie, world, services):
        for path in (world.inbox, world.page, world.audio):
            assert charlie.get(path).status_code == 404

        (entry,) = proofs(services, world.acme, "access.refused")
        assert (entry.actor_id, entry.subject_id) == (world.charlie.id, world.acme.id)

    def test_strangers_name_is_not_told(self, charlie, world, services):
        charlie.get(world.page)

        (entry,) = proofs(services, world.acme, "access.refused")
        assert entry.actor_name is None

    def test_missing_business_is_told_to_the_operator(self, charlie, world, services, operator):
        missing = unknown_id()

        charlie.get(f"/businesses/{missing}/requests")

        (entry,) = proofs(services, operator, "access.refused")
        assert (entry.actor_id, entry.subject_id) == (world.charlie.id, missing)

    def test_missing_business_without_an_operator_is_404(self, charlie, world):
        assert charlie.get(f"/businesses/{unknown_id()}/requests").status_code == 404

    def test_foreign_request_under_an_own_address_is_told(self, charlie, world, services):
        own = f"/businesses/{world.bolt.id}/requests"

        for request_id in (world.request.id, unknown_id()):
            assert charlie.get(f"{own}/{request_id}").status_code == 404

        found = proofs(services, world.bolt, "access.refused")
        assert [entry.subject_kind for entry in found] == ["request", "request"]
        assert proofs(services, world.acme, "access.refused") == []

    def test_own_page_without_audio_is_no_refusal(self, alice, world, services):
        path = f"{world.page}/voicemails/{unknown_id()}/audio.wav"

        assert alice.get(path).status_code == 404
        assert proofs(services, world.acme, "access.refused") == []

    def test_trying_many_addresses_is_bounded(
        self, charlie, world, services, operator, monkeypatch
    ):
        monkeypatch.setattr(refusals, "NOTED", 3)

        for _ in range(6):
            assert charlie.get(f"/businesses/{unknown_id()}/requests").status_code == 404

        assert len(proofs(services, operator, "access.refused")) == 3

    def test_refusal_that_cannot_be_written_is_a_refusal(self, charlie, world, monkeypatch):
        def fail(*_, **__):
            raise OperationalError("insert", {}, Exception("gone"))

        monkeypatch.setattr("voiceline.audit.write_once", fail)

        assert charlie.get(world.page).status_code == 404

    def test_signed_out_people_are_nobody(self, anonymous, world, services):
        anonymous.get(world.page)

        assert proofs(services, world.acme) == []


def test_every_chain_holds_after_a_day_of_work(app, world, services):
    for user in (world.alice, world.bob, world.charlie):
        client = signed_in(app, user)
        for path in (world.inbox, world.page, world.audio, f"{world.page}/download"):
            client.get(path)
        client.post("/sign-out", data={"csrf_token": csrf_token(client, "/businesses")})

    ring = key_ring(SigningKey("5a" * 32))
    reports = [check_chain(services.engine, each.id, ring) for each in (world.acme, world.bolt)]

    assert [report.fault for report in reports] == [None, None]
    assert [report.end.sequence for report in reports] == [11, 2]


def proofs(services, business, action=None):
    query = select(AuditEntry).where(AuditEntry.business_id == business.id)
    with services.sessions() as session:
        found = session.scalars(query.order_by(AuditEntry.sequence)).all()
    return [entry for entry in found if action in {None, entry.action}]


@pytest.fixture
def operator(services):
    with services.sessions.begin() as session:
        return make_code(session, make_business(session, "Voiceline"), OPERATOR_CODE).business
