"""From the carrier to our store, one voicemail at a time; and what may happen meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import factories
import pytest

from jobs import collect as job
from jobs.collect import collect
from voiceline import outbox, voicemails
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Delivery, DerivedAudio, PrivacyRequest, Transcript, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus


def test_message_is_stored_filed_and_let_go(desk):
    row = desk.voicemail()

    collect(str(row.id))

    after = desk.now(row)
    assert (after.status, after.due_at, after.claim) == (VoicemailStatus.STORED, None, None)
    assert desk.services.store.get(after.object_key) == desk.recordings.media[row.carrier_id]
    assert desk.recordings.deleted == [row.carrier_id]
    assert after.carrier_deleted_at is not None
    assert after.expires_at == after.recorded_at + timedelta(days=180)


def test_request_is_received_when_the_caller_spoke(desk):
    spoken_at = datetime.now(UTC) - timedelta(days=3)
    row = desk.voicemail(recorded_at=spoken_at)

    collect(str(row.id))

    (request,) = desk.rows(PrivacyRequest)
    assert request.received_at == spoken_at
    assert (request.respond_by - request.received_on).days == 45


def test_leaves_are_owed_and_woken(desk):
    row = desk.voicemail()

    collect(str(row.id))

    (mp3,), (draft,), (message,) = map(desk.rows, (DerivedAudio, Transcript, Delivery))
    assert desk.offered == [
        ("derive", [mp3.id]),
        ("transcribe", [draft.id]),
        ("notify", [message.id]),
    ]
    assert draft.due_at is not None
    assert message.due_at is not None


def test_second_run_does_nothing(desk):
    row = desk.voicemail()

    collect(str(row.id))
    collect(str(row.id))

    assert desk.recordings.fetches == 1
    assert len(desk.rows(PrivacyRequest)) == len(desk.objects) == 1


def test_call_that_goes_on_keeps_the_carriers_copy(desk):
    row = desk.voicemail(call={"ended_at": None})

    collect(str(row.id))

    after = desk.now(row)
    assert after.status == VoicemailStatus.STORED
    assert after.due_at - datetime.now(UTC) <= voicemails.LOOK_AGAIN
    assert desk.recordings.deleted == []


def test_call_of_unknown_end_is_over_after_its_grace(desk):
    row = desk.voicemail(call={"ended_at": None})
    collect(str(row.id))
    grace = timedelta(seconds=desk.services.settings.carrier_grace_seconds)

    desk.change(row, received_at=datetime.now(UTC) - grace - timedelta(seconds=1))
    collect(str(row.id))

    assert desk.recordings.deleted == [row.carrier_id]


def test_bytes_already_there_are_stored_once(desk):
    row = desk.voicemail()
    audio = desk.recordings.media[row.carrier_id]
    key = voicemails.object_key(row)
    desk.services.store.put(key, audio, content_type="audio/x-wav", tags={"tier": "small_medium"})

    collect(str(row.id))

    assert desk.objects == [key]
    assert desk.now(row).object_key == key


def test_other_bytes_under_the_key_are_left_alone(desk):
    row = desk.voicemail()
    key = voicemails.object_key(row)
    desk.services.store.put(key, b"theirs", content_type="audio/x-wav", tags={})

    collect(str(row.id))

    assert desk.services.store.get(key) == b"theirs"
    assert desk.now(row).object_key != key
    assert desk.now(row).status == VoicemailStatus.STORED


def test_recording_not_there_yet_is_looked_for_again(desk, monkeypatch):
    row = desk.voicemail()
    audio = desk.recordings.media.pop(row.carrier_id)
    monkeypatch.setattr(job, "NOT_YET", ())

    collect(str(row.id))
    between = desk.now(row)
    desk.recordings.media[row.carrier_id] = audio
    collect(str(row.id))

    assert (between.status, between.attempts) == (VoicemailStatus.PENDING, 1)
    assert desk.now(row).status == VoicemailStatus.STORED


def test_recording_that_never_comes_is_parked(desk, monkeypatch):
    long_ago = datetime.now(UTC) - job.GONE_AFTER - timedelta(minutes=1)
    row = desk.voicemail(received_at=long_ago)
    desk.recordings.media.clear()
    monkeypatch.setattr(job, "NOT_YET", ())

    collect(str(row.id))

    assert desk.now(row).status == VoicemailStatus.FAILED


def test_parked_message_is_collected_after_the_fix(desk):
    row = desk.voicemail()
    desk.recordings.trouble = PermanentFailure("refused")

    collect(str(row.id))
    between = desk.now(row).status
    desk.recordings.trouble = None
    collect(str(row.id))

    assert between == VoicemailStatus.FAILED
    assert desk.now(row).status == VoicemailStatus.STORED
    assert len(desk.rows(PrivacyRequest)) == 1


def test_refused_deletion_is_made_up_for(desk):
    row = desk.voicemail(call={"ended_at": None})
    collect(str(row.id))
    grace = timedelta(seconds=desk.services.settings.carrier_grace_seconds)
    desk.change(row, received_at=datetime.now(UTC) - 2 * grace)

    desk.recordings.trouble = PermanentFailure("refused")
    collect(str(row.id))
    between = desk.now(row)
    desk.recordings.trouble = None
    collect(str(row.id))

    assert (between.status, between.carrier_deleted_at) == (VoicemailStatus.STORED, None)
    assert desk.now(row).carrier_deleted_at is not None


def test_store_that_is_away_is_asked_before_the_carrier(desk, lose_store):
    row = desk.voicemail()
    lose_store(TemporaryFailure("away"))

    collect(str(row.id))
    first = desk.recordings.fetches
    collect(str(row.id))

    assert first == desk.recordings.fetches == 1
    assert desk.now(row).attempts == 2


def test_replaced_take_goes_everywhere(desk):
    first, second = two_takes(desk)

    collect(str(second.id))
    collect(str(first.id))

    assert desk.now(first).status == VoicemailStatus.ERASED
    assert desk.now(second).status == VoicemailStatus.STORED
    assert desk.objects == [desk.now(second).object_key]
    assert sorted(desk.recordings.deleted) == sorted([first.carrier_id, second.carrier_id])
    assert len(desk.rows(PrivacyRequest)) == 1


def test_take_is_not_erased_before_its_successor_is_safe(desk):
    first, second = two_takes(desk)

    collect(str(first.id))

    assert desk.now(first).status == VoicemailStatus.REPLACED
    assert desk.recordings.deleted == []
    assert desk.now(second).status == VoicemailStatus.PENDING


def test_take_whose_successor_failed_comes_back(desk):
    first, second = two_takes(desk)
    desk.change(second, due_at=None)
    with desk.services.sessions.begin() as session:
        session.get_one(Voicemail, second.id).find_absent()

    collect(str(first.id))

    assert desk.now(first).status == VoicemailStatus.STORED


def test_late_put_of_an_erased_take_leaves_no_object(desk):
    first, second = two_takes(desk)
    with desk.services.sessions.begin() as session:
        session.get_one(Voicemail, first.id).try_again(datetime.now(UTC))

    def erase_meanwhile():
        desk.recordings.on_fetch = None
        with desk.services.sessions.begin() as session:
            session.get_one(Voicemail, first.id).replace(datetime.now(UTC))
        collect(str(second.id))
        collect(str(first.id))

    desk.recordings.on_fetch = erase_meanwhile
    collect(str(first.id))

    assert desk.now(first).status == VoicemailStatus.ERASED
    assert desk.objects == [desk.now(second).object_key]


def test_late_put_of_what_others_stored_leaves_it(desk):
    row = desk.voicemail()

    def be_overtaken():
        desk.recordings.on_fetch = None
        desk.change(row, due_at=datetime.now(UTC) - timedelta(seconds=1))
        collect(str(row.id))

    desk.recordings.on_fetch = be_overtaken
    collect(str(row.id))

    assert desk.now(row).status == VoicemailStatus.STORED
    assert desk.objects == [desk.now(row).object_key]
    assert len(desk.rows(PrivacyRequest)) == 1


def test_row_held_by_another_is_left_to_it(desk):
    row = desk.voicemail(claim=uuid4(), due_at=datetime.now(UTC) + outbox.LEASE)

    collect(str(row.id))

    assert desk.recordings.fetches == 0


@pytest.mark.parametrize("failure", [TemporaryFailure("busy", retry_after=40)])
def test_carrier_is_left_alone_as_long_as_it_asks(desk, failure):
    row = desk.voicemail()
    desk.recordings.trouble = failure

    collect(str(row.id))

    assert desk.now(row).due_at - datetime.now(UTC) > timedelta(seconds=35)


def two_takes(desk):
    """Answer a message and the one that replaced it, both still owed."""
    first = desk.voicemail()
    with desk.services.sessions.begin() as session:
        held = session.get_one(Voicemail, first.id)
        second = factories.make_voicemail(
            session, held.call, take=2, due_at=held.due_at, recorded_at=held.recorded_at
        )
        held.replace(datetime.now(UTC))
    desk.recordings.media[second.carrier_id] = factories.tone(1.5)
    return first, second
