"""What was ordered to be erased: place by place, until each says so, and signed at the end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from factories import make_derived, make_request, make_transcript, make_voicemail, tone
from mailed import mails_to
from operators import make_operator
from sqlalchemy import select

from jobs import erase as erase_job
from jobs.claimed import MOST_CRASHES, note_crash
from jobs.erase import erase
from voiceline import erasures
from voiceline.adapters.filesystem_store import FolderStore
from voiceline.audit.keys import SigningKey, key_ring
from voiceline.certificates import is_true
from voiceline.errors import PermanentFailure, TemporaryFailure, UserError
from voiceline.models import (
    Call,
    DerivedAudio,
    Erasure,
    ErasureCertificate,
    PrivacyRequest,
    Tombstone,
    Transcript,
    Voicemail,
)
from voiceline.rules.lifecycle import VoicemailStatus

DAY = timedelta(days=1)


@pytest.fixture
def request_row(desk):
    """A request whose caller spoke twice: the first take gave way, the second is played."""
    desk.services.store.keys.prove()  # as at the first start
    row = desk.voicemail(store=desk.services.store, audio=tone(1.0), due_at=None)
    with desk.services.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, row.id)
        voicemail.sealed_by = desk.services.store.keys.master_id
        make_derived(session, voicemail, desk.services.store)
        make_transcript(session, voicemail)
        return make_request(session, session.merge(desk.code), call=voicemail.call)


@pytest.fixture
def owed(desk, request_row):
    return ordered(desk, request_row)


def test_nothing_is_left_and_a_certificate_says_so(desk, owed):
    erase(str(owed.id))

    done, (voicemail,) = desk.now(owed), desk.rows(Voicemail)
    assert (done.due_at, done.claim, done.last_error) == (None, None, None)
    assert (done.objects, done.texts) == (2, 1)
    assert desk.objects == []
    assert voicemail.status == VoicemailStatus.ERASED
    assert [draft.text for draft in desk.rows(Transcript)] == [None]
    assert desk.recordings.deleted == [voicemail.carrier_id]
    assert len(desk.rows(PrivacyRequest)) == 1


def test_certificate_is_signed_and_names_nobody(desk, owed):
    spoken = desk.rows(Voicemail)[0]

    erase(str(owed.id))

    (signed,) = desk.rows(ErasureCertificate)
    said = json.loads(signed.line)
    secret = desk.services.settings.audit_signing_key.get_secret_value()
    assert is_true(signed, key_ring(SigningKey(secret), ()))
    assert said["erased"] == {
        "objects": 2,
        "recordings": 1,
        "sha256": spoken.sha256,
        "texts": 1,
    }
    assert said["subject"] == {"id": str(owed.request_id), "kind": "recordings"}
    assert "+1415" not in signed.line


def test_every_take_of_the_call_goes(desk, request_row):
    with desk.services.sessions.begin() as session:
        call = session.get_one(Call, request_row.call_id)
        first = make_voicemail(session, call, store=desk.services.store, take=2)
        first.replace(datetime.now(UTC))
    owed = ordered(desk, request_row)

    erase(str(owed.id))

    assert {row.status for row in desk.rows(Voicemail)} == {VoicemailStatus.ERASED}
    assert len(desk.recordings.deleted) == 2
    assert len(desk.rows(Tombstone)) == 2


def test_twice_is_once(desk, owed):
    for _ in range(2):
        erase(str(owed.id))

    assert len(desk.rows(ErasureCertificate)) == 1
    assert len(desk.recordings.deleted) == 1


class TestAPlaceThatRefuses:
    def test_the_others_go_and_it_is_tried_again(self, desk, owed):
        desk.recordings.trouble = TemporaryFailure("the carrier answered 500")

        erase(str(owed.id))
        waits = desk.now(owed)
        desk.recordings.trouble = None
        desk.change(owed, due_at=datetime.now(UTC))
        erase(str(owed.id))

        assert waits.last_error == "carrier: the carrier answered 500"
        assert waits.due_at > datetime.now(UTC) - DAY
        assert waits.done_at is None
        done = desk.now(owed)
        assert done.done_at is not None
        assert (done.objects, done.texts) == (2, 1)  # of all attempts

    def test_key_and_texts_go_though_the_object_is_locked(self, desk, owed, monkeypatch):
        delete = FolderStore.delete
        root = desk.services.store.keys._vault.root

        def locked(store, key):
            if store.root != root:
                raise PermanentFailure("the object is locked")
            delete(store, key)

        monkeypatch.setattr(FolderStore, "delete", locked)

        erase(str(owed.id))

        waits = desk.now(owed)
        assert waits.last_error.startswith("audio: the object is locked; mp3:")
        assert [draft.text for draft in desk.rows(Transcript)] == [None]
        assert desk.rows(ErasureCertificate) == []

    def test_the_operator_is_told_daily_from_the_second_day_on(self, desk, owed):
        with desk.services.sessions.begin() as session:
            make_operator(session)
        desk.recordings.trouble = PermanentFailure("the account is closed")

        erase(str(owed.id))
        at_once = mails_to(desk.services, "olga@example.com")
        for _ in range(2):
            desk.change(owed, due_at=datetime.now(UTC), asked_at=datetime.now(UTC) - 2 * DAY)
            erase(str(owed.id))
        (mail,) = mails_to(desk.services, "olga@example.com")

        assert at_once == []
        assert mail["Subject"] == "What was to be erased is still there"
        assert "carrier: the account is closed" in mail.get_content()

    def test_they_are_told_of_a_hold_that_stands_in_the_way(self, desk, owed):
        with desk.services.sessions.begin() as session:
            make_operator(session)
        desk.change(desk.rows(Voicemail)[0], held=True)
        desk.change(owed, asked_at=datetime.now(UTC) - 2 * DAY)

        erase(str(owed.id))

        (mail,) = mails_to(desk.services, "olga@example.com")
        assert "It is under a legal hold" in mail.get_content()

    def test_they_are_told_of_a_key_store_that_is_away(self, desk, owed, monkeypatch, tmp_path):
        with desk.services.sessions.begin() as session:
            make_operator(session)
        monkeypatch.setattr(desk.services.store.keys, "_vault", FolderStore(tmp_path / "empty"))
        desk.change(owed, asked_at=datetime.now(UTC) - 2 * DAY)

        erase(str(owed.id))

        (mail,) = mails_to(desk.services, "olga@example.com")
        assert "the key store is empty" in mail.get_content()


class TestKilledOnTheWay:
    def test_tombstones_are_there_before_the_first_key_goes(self, desk, owed, monkeypatch):
        def die(*_, **__):
            raise RuntimeError

        monkeypatch.setattr(erase_job, "erase_voicemail", die)

        erase(str(owed.id))

        assert [row.row_id for row in desk.rows(Tombstone)] == [
            row.id for row in desk.rows(Voicemail)
        ]
        assert desk.now(owed).due_at is not None

    def test_often_enough_it_rests_for_an_hour_and_is_never_given_up(self, desk, owed):
        desk.change(owed, claim=owed.id, attempts=MOST_CRASHES)

        note_crash(desk.services, Erasure, str(owed.id))

        after = desk.now(owed)
        assert after.claim is None
        assert after.due_at > datetime.now(UTC)


def test_a_hold_that_came_meanwhile_keeps_everything(desk, owed):
    desk.change(desk.rows(Voicemail)[0], held=True)

    erase(str(owed.id))

    assert len(desk.objects) == 2
    assert "legal hold" in desk.now(owed).last_error


class TestTheKeyStore:
    """A certificate must not call a key destroyed that was looked for in another place."""

    def test_an_empty_one_erases_nothing(self, desk, owed, monkeypatch, tmp_path):
        keys = desk.services.store.keys
        monkeypatch.setattr(keys, "_vault", FolderStore(tmp_path / "not mounted"))

        erase(str(owed.id))

        assert len(desk.objects) == 2
        assert desk.rows(Tombstone) == []
        assert "the key store is empty" in desk.now(owed).last_error

    def test_another_one_erases_nothing(self, desk, owed, monkeypatch, tmp_path):
        keys = desk.services.store.keys
        monkeypatch.setattr(keys, "_vault", FolderStore(tmp_path / "of somebody else"))
        keys.prove()

        erase(str(owed.id))

        assert len(desk.objects) == 2
        assert desk.rows(ErasureCertificate) == []
        assert "nobody destroyed it" in desk.now(owed).last_error

    def test_what_it_destroyed_itself_is_no_reason_to_stop(self, desk, owed):
        desk.recordings.trouble = TemporaryFailure("the carrier answered 500")
        erase(str(owed.id))
        desk.recordings.trouble = None
        desk.change(owed, due_at=datetime.now(UTC))

        erase(str(owed.id))

        assert desk.now(owed).done_at is not None


def test_a_take_that_came_meanwhile_is_not_certified(desk, owed, monkeypatch):
    erase_voicemail = erase_job.erase_voicemail

    def while_another_comes(session, places, voicemail, *words):
        make_voicemail(session, voicemail.call, take=7)
        return erase_voicemail(session, places, voicemail, *words)

    monkeypatch.setattr(erase_job, "erase_voicemail", while_another_comes)

    erase(str(owed.id))

    assert desk.rows(ErasureCertificate) == []
    assert "another take" in desk.now(owed).last_error


class TestOrdering:
    def test_what_was_ordered_or_done_is_said(self, desk, request_row):
        owed = ordered(desk, request_row)

        with pytest.raises(UserError, match="is under way"):
            ordered(desk, request_row)
        erase(str(owed.id))
        with pytest.raises(UserError, match="were erased on"):
            ordered(desk, request_row)

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"held": True}, "legal hold"),
            ({"status": VoicemailStatus.PENDING}, "not been collected yet"),
            ({"status": VoicemailStatus.FAILED}, "not been collected yet"),
        ],
    )
    def test_what_may_not_be_erased_is_refused_in_words(self, desk, request_row, facts, why):
        desk.change(desk.rows(Voicemail)[0], **facts)

        with pytest.raises(UserError, match=why):
            ordered(desk, request_row)

        assert desk.rows(Erasure) == []

    def test_a_request_in_writing_has_no_recording(self, desk):
        with desk.services.sessions.begin() as session:
            written = make_request(session, session.merge(desk.code))

        with pytest.raises(UserError, match="made in writing"):
            ordered(desk, written)


def ordered(desk, request):
    with desk.services.sessions.begin() as session:
        held = session.get_one(PrivacyRequest, request.id)
        return erasures.order(session, held, "Maria, verified by mail", datetime.now(UTC))


def test_it_is_offered_until_it_is_done(desk, owed):
    with desk.services.sessions() as session:
        due = select(Erasure.id).where(Erasure.due_at.is_not(None))
        before = session.scalars(due).all()

    erase(str(owed.id))

    with desk.services.sessions() as session:
        assert (before, session.scalars(due).all()) == ([owed.id], [])
    assert desk.rows(DerivedAudio) == [] or desk.rows(DerivedAudio)[0].peaks is None
