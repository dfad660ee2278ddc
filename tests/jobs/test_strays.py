"""Rows and objects are compared each night, and nothing is lost or kept by what is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clocks import show, travel
from factories import make_derived, make_member, make_user, tone
from mailed import mails_to
from sqlalchemy import delete

from jobs import collect as collect_job
from jobs import stray_claims
from jobs import strays as strays_job
from jobs.derive import derive
from jobs.strays import compare_store
from voiceline.adapters.filesystem_store import FolderStore
from voiceline.errors import MissingObjectError, PermanentFailure, TemporaryFailure
from voiceline.intake import operator_code
from voiceline.models import (
    Business,
    Call,
    DerivedAudio,
    PrivacyRequest,
    StoreWalk,
    Stray,
    Transcript,
    Voicemail,
)
from voiceline.ports import CarrierCall, CarrierRecording
from voiceline.rules.lifecycle import DerivedStatus, VoicemailStatus
from voiceline.rules.retention import ENDED_KEPT, UNKNOWN_KEPT
from voiceline.tombstones import bury

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Nights:
    """The desk, and nights that go by."""

    def __init__(self, desk, monkeypatch) -> None:
        self.desk, self._patch = desk, monkeypatch
        self.at = datetime.now(UTC)
        self.show()

    def show(self, *, doubtful: bool = False) -> None:
        show(self._patch, database=self.at, process=self.at)
        if not doubtful:
            travel(self._patch, self.desk.services.sessions, self.at)
        for module in (strays_job, stray_claims):
            self._patch.setattr(module, "now", lambda: self.at)

    def compare(self, *, later: timedelta = timedelta(), doubtful: bool = False) -> None:
        self.at += later
        self.show(doubtful=doubtful)
        compare_store()

    def owe(self, derived_id) -> None:
        """Let the pause after a failure be over."""
        with self.desk.services.sessions.begin() as session:
            row = session.get_one(DerivedAudio, derived_id)
            if row.status == DerivedStatus.PENDING:
                row.due_at = self.at - DAY

    @property
    def store(self):
        return self.desk.services.store

    def put(self, key, audio=b"lost sound"):
        self.store.put(key, audio, content_type="audio/x-wav", tags={"tier": "small_medium"})

    @property
    def strays(self):
        return sorted(row.key for row in self.desk.rows(Stray))


@pytest.fixture
def nights(desk, monkeypatch):
    with desk.services.sessions.begin() as session:
        olga = make_user(session, "Olga Olsen", email="olga@example.com")
        make_member(session, operator_code(session).business, olga)
        business = session.get_one(Business, desk.code.business_id)
        make_member(session, business, make_user(session))
    return Nights(desk, monkeypatch)


@pytest.fixture
def row(desk):
    return desk.voicemail(store=desk.services.store, due_at=None)


def wav_of(desk, name="RE" + "9" * 32):
    return f"rec/{desk.code.business_id}/2026/11/{name}.wav"


class TestObjectsWithoutARow:
    def test_what_rows_want_is_left_alone_night_after_night(self, nights, desk, row):
        with desk.services.sessions.begin() as session:
            make_derived(session, session.get_one(Voicemail, row.id), nights.store)
        owed = desk.voicemail()
        nights.put(wav_of(desk, desk.now(owed).carrier_id))
        before = desk.objects

        for _ in range(40):
            nights.compare(later=DAY)

        assert (nights.strays, desk.objects) == ([], before)
        assert len(before) == 3

    def test_one_that_nobody_knows_has_thirty_days_from_when_it_was_found(self, nights, desk):
        key = wav_of(desk)
        nights.put(key)
        nights.compare()
        found = nights.at

        nights.compare(later=UNKNOWN_KEPT)
        at_the_end = nights.store.size(key)
        nights.compare(later=DAY)

        assert nights.at > found + UNKNOWN_KEPT
        assert at_the_end == 10
        assert (desk.objects, nights.strays) == ([], [])
        with pytest.raises(MissingObjectError):
            nights.store.keys.find(key)

    def test_the_operator_is_told_of_what_nobody_knows(self, nights, desk):
        nights.put(wav_of(desk))

        nights.compare()
        nights.compare(later=DAY)

        (mail,) = mails_to(desk.services, "olga@example.com")
        assert "without a row" in mail["Subject"]
        assert mails_to(desk.services, "alice@example.com") == []

    def test_what_came_back_after_its_end_goes_in_a_day(self, nights, desk, row):
        key = desk.now(row).object_key
        desk.change(row, status=VoicemailStatus.EXPIRED)
        nights.compare()
        nights.compare(later=ENDED_KEPT)
        kept = desk.objects

        nights.compare(later=DAY)

        assert (kept, desk.objects, nights.strays) == ([key], [], [])

    def test_a_data_key_that_seals_nothing_goes_as_an_object_does(self, nights, desk):
        key = wav_of(desk)
        nights.store.keys.find_or_make(key)
        nights.compare()

        nights.compare(later=UNKNOWN_KEPT + DAY)

        with pytest.raises(MissingObjectError):
            nights.store.keys.find(key)

    def test_what_others_keep_in_the_store_is_theirs(self, nights):
        for key in ("other/thing.wav", "recent/RE1.wav", "keys.txt"):
            nights.put(key)

        for _ in range(40):
            nights.compare(later=DAY)

        assert nights.strays == []
        assert nights.store.get("other/thing.wav") == b"lost sound"

    @pytest.mark.parametrize("failure", [TemporaryFailure("away"), PermanentFailure("locked")])
    def test_one_that_cannot_be_deleted_bars_no_other(self, nights, desk, monkeypatch, failure):
        first, second = (wav_of(desk, f"RE{digit * 32}") for digit in "12")
        for key in (first, second):
            nights.put(key)
        nights.compare()
        real = nights.store.delete

        def refuse(_store, key):
            if key == first:
                raise failure
            real(key)

        with monkeypatch.context() as patched:
            patched.setattr(type(nights.store), "delete", refuse)
            nights.compare(later=UNKNOWN_KEPT + DAY)

        assert nights.strays == [first]

    def test_nothing_is_deleted_by_a_clock_in_doubt(self, nights, desk):
        key = wav_of(desk)
        nights.put(key)
        nights.compare()
        nights.compare(later=DAY)

        nights.compare(later=timedelta(days=730), doubtful=True)

        assert nights.strays == [key]
        assert desk.objects == [key]


class TestRowsWithoutAnObject:
    def test_it_is_fetched_again_while_the_carrier_has_it(self, nights, desk):
        audio = tone(1.0)
        row = desk.voicemail(store=desk.services.store, audio=audio, due_at=None)
        nights.store.delete(desk.now(row).object_key)

        nights.compare()

        after = desk.now(row)
        assert nights.store.get(after.object_key) == audio
        assert (after.missed_at, after.tier_tag) == (None, None)
        assert mails_to(desk.services, "olga@example.com") == []

    def test_a_lost_data_key_is_made_good_by_the_carrier_too(self, nights, desk):
        audio = tone(1.0)
        row = desk.voicemail(store=desk.services.store, audio=audio, due_at=None)
        nights.store.keys.destroy(desk.now(row).object_key)

        nights.compare()

        assert nights.store.get(desk.now(row).object_key) == audio

    def test_the_mp3_under_a_lost_data_key_is_made_anew(self, nights, desk):
        row = desk.voicemail(store=desk.services.store, audio=tone(1.0), due_at=None)
        with desk.services.sessions.begin() as session:
            made = make_derived(session, session.get_one(Voicemail, row.id), nights.store)
            key, peaks = made.object_key, made.peaks
        nights.store.keys.destroy(desk.now(row).object_key)

        nights.compare()
        again = desk.rows(DerivedAudio)[0]
        for _ in range(2):  # the one that nobody can open gives way first
            derive(str(made.id))
            nights.owe(made.id)

        assert (again.status, again.peaks) == (DerivedStatus.PENDING, peaks)
        assert again.due_at == nights.at
        assert desk.rows(DerivedAudio)[0].status == DerivedStatus.MADE
        assert nights.store.get(key)

    def test_other_sound_than_was_stored_is_not_put_in_its_place(self, nights, desk, row):
        nights.store.delete(desk.now(row).object_key)
        desk.recordings.media[row.carrier_id] = tone(2.0)

        nights.compare()

        assert desk.objects == []
        assert desk.now(row).missed_at == nights.at

    def test_owners_and_the_operator_are_told_once_which_are_lost(self, nights, desk, row):
        nights.store.delete(desk.now(row).object_key)
        desk.recordings.media.clear()

        for _ in range(3):
            nights.compare(later=DAY)

        for address in ("alice@example.com", "olga@example.com"):
            (mail,) = mails_to(desk.services, address)
            assert str(row.id) in mail.get_content()

    def test_what_is_put_back_is_found_the_next_night(self, nights, desk, row):
        key = desk.now(row).object_key
        audio = nights.store.get(key)
        nights.store.delete(key)
        desk.recordings.media.clear()
        nights.compare()
        missed = desk.now(row).missed_at

        nights.put(key, audio)
        nights.compare(later=DAY)

        assert missed is not None
        assert desk.now(row).missed_at is None

    def test_nobody_is_alarmed_while_the_carrier_is_away(self, nights, desk, row):
        nights.store.delete(desk.now(row).object_key)
        desk.recordings.trouble = TemporaryFailure("away")

        nights.compare()

        assert desk.now(row).missed_at is None

    @pytest.mark.parametrize("failure", [TemporaryFailure("away"), PermanentFailure("denied")])
    def test_a_store_that_fails_as_a_whole_loses_no_voicemail(
        self, nights, desk, row, lose_store, failure
    ):
        desk.recordings.media.clear()
        kept = desk.services.store
        lose_store(failure)

        nights.compare()
        between = desk.now(row).missed_at
        object.__setattr__(desk.services, "store", kept)
        nights.compare()

        assert (between, desk.now(row).missed_at) == (None, None)
        assert desk.rows(StoreWalk)[0].part == ""

    def test_a_bucket_that_is_gone_is_no_loss_of_each_of_its_objects(
        self, nights, desk, row, monkeypatch
    ):
        def gone(*_, **__):
            raise PermanentFailure("there is no such bucket")

        nights.store.delete(desk.now(row).object_key)
        desk.recordings.media.clear()
        monkeypatch.setattr(FolderStore, "listed", gone)
        with desk.services.sessions.begin() as session:
            session.add(StoreWalk(id=1, began_at=nights.at, part="rows", after=""))

        nights.compare()

        assert desk.now(row).missed_at is None

    def test_what_was_erased_is_neither_lost_nor_fetched_again(self, nights, desk):
        row = desk.voicemail(store=desk.services.store, audio=tone(1.0), due_at=None)
        nights.store.delete(desk.now(row).object_key)
        with desk.services.sessions.begin() as session:
            bury(session, row.id, nights.at)  # and a dump of before says that it is there

        nights.compare()

        assert desk.objects == []
        assert desk.now(row).missed_at is None
        assert desk.recordings.fetches == 0


class TestARound:
    def test_it_goes_on_where_it_was_stopped(self, nights, desk, monkeypatch):
        keys = sorted(wav_of(desk, f"RE{digit * 32}") for digit in "123")
        for key in keys:
            nights.put(key)
        monkeypatch.setattr(strays_job, "PAGE", 1)
        until = iter([0.0, *[1.0] * 7, *[99.0] * 99])
        monkeypatch.setattr(strays_job, "ROUND_SECONDS", 50.0)

        with monkeypatch.context() as stopped:
            stopped.setattr(strays_job.time, "monotonic", lambda: next(until))
            compare_store()
            between = (nights.strays, desk.rows(StoreWalk)[0].part)
        compare_store()

        assert between[1] != ""
        assert len(between[0]) in {1, 2, 3}
        assert nights.strays == keys
        assert desk.rows(StoreWalk)[0].ended_at is not None

    def test_it_is_done_once_a_night(self, nights, desk):
        nights.compare()
        nights.put(wav_of(desk))

        nights.compare(later=timedelta(hours=22))
        early = nights.strays
        nights.compare(later=timedelta(hours=1))

        assert (early, len(nights.strays)) == ([], 1)


def test_yesterdays_database_takes_on_again_what_came_after_it(nights, desk, row):
    """The drill of reliability.md 55, in one process; docs/operations.md has the order."""
    spoken, audio = desk.now(row), nights.store.get(desk.now(row).object_key)
    with desk.services.sessions() as session:
        call = session.get_one(Call, spoken.call_id).carrier_id
    forget_row(desk, spoken)
    desk.recordings.media.clear()
    desk.recordings.listed = [
        CarrierRecording(spoken.carrier_id, call, spoken.recorded_at - SECOND, 1)
    ]
    desk.recordings.calls[call] = CarrierCall(call, "+14155550123", "+18005550100", None)

    nights.compare()
    for job, ids in desk.offered:
        if job == "collect":
            collect_job.collect(*map(str, ids))

    (again,) = desk.rows(Voicemail)
    (request,) = desk.rows(PrivacyRequest)
    assert (again.status, again.object_key) == (VoicemailStatus.STORED, spoken.object_key)
    assert nights.store.get(again.object_key) == audio
    assert (again.business_id, request.business_id) == (spoken.business_id,) * 2
    assert (request.received_at, nights.strays) == (spoken.recorded_at, [])


def test_bytes_of_another_origin_beside_a_voicemail_are_never_taken_on(nights, desk, row):
    key = desk.now(row).object_key.replace(".wav", "-0f3c12ab.wav")
    nights.put(key)
    desk.recordings.listed = [CarrierRecording(row.carrier_id, "CA1", nights.at, 1)]

    nights.compare()

    assert nights.strays == [key]
    assert len(desk.rows(Voicemail)) == 1


def test_what_was_erased_stays_erased_under_an_older_database(nights, desk, row):
    spoken = desk.now(row)
    nights.store.keys.destroy(spoken.object_key)  # the erasure reached the key, not the copy
    forget_row(desk, spoken)
    desk.recordings.listed = [CarrierRecording(spoken.carrier_id, "CA1", spoken.recorded_at, 1)]

    nights.compare()

    assert desk.rows(Voicemail) == []


def forget_row(desk, voicemail):
    """Leave the database as it was before the call."""
    with desk.services.sessions.begin() as session:
        for table in (Transcript, Voicemail):
            column = table.id if table is Voicemail else table.voicemail_id
            session.execute(delete(table).where(column == voicemail.id))
        session.execute(delete(Call).where(Call.id == voicemail.call_id))
