"""The MP3 and the outline that browsers want: made once, and gone wherever the message goes."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import av
import factories
import pytest
from clocks import travel

from jobs import derive as job
from jobs import expire as expire_job
from jobs import upkeep
from jobs.claimed import MOST_CRASHES, note_crash
from jobs.collect import collect
from jobs.derive import derive
from voiceline import outbox, voicemails
from voiceline.audit import OPERATOR
from voiceline.errors import PermanentFailure, TemporaryFailure
from voiceline.models import Business, DerivedAudio, Voicemail
from voiceline.models.derived_audio import LEASE, STOP_TRYING
from voiceline.rules.lifecycle import DerivedStatus, VoicemailStatus
from voiceline.rules.retention import AccountTier
from voiceline.waveform import POINTS

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_stored_message_gets_an_mp3_and_an_outline(desk):
    owed = stored(desk)

    derive(str(owed.id))

    made, (mail,) = desk.now(owed), desk.rows(Voicemail)
    assert (made.status, made.due_at, made.claim) == (DerivedStatus.MADE, None, None)
    assert made.object_key == mail.object_key.replace(".wav", ".mp3")
    assert len(made.peaks) == POINTS
    assert seconds(desk.services.store.get(made.object_key)) == pytest.approx(1, abs=0.05)
    assert desk.services.store.tags(made.object_key) == {"tier": "small_medium"}


def test_made_twice_is_made_once(desk):
    owed = stored(desk)
    derive(str(owed.id))
    desk.change(owed, due_at=datetime.now(UTC), status=DerivedStatus.PENDING)

    derive(str(owed.id))

    assert desk.now(owed).status == DerivedStatus.MADE
    assert len(desk.objects) == 2


def test_mp3_of_another_encoder_gives_way(desk):
    owed = stored(desk)
    (mail,) = desk.rows(Voicemail)
    key = mail.object_key.replace(".wav", ".mp3")
    desk.services.store.put(key, b"of before", content_type="audio/mpeg", tags={})

    derive(str(owed.id))
    desk.change(owed, due_at=datetime.now(UTC))
    derive(str(owed.id))

    assert desk.now(owed).status == DerivedStatus.MADE
    assert desk.services.store.get(key) != b"of before"


def test_audio_nothing_can_be_made_of_is_failed_and_tried_hourly(desk, monkeypatch):
    owed = stored(desk)
    monkeypatch.setattr(job, "make_mp3", refuse)

    derive(str(owed.id))

    after = desk.now(owed)
    assert (after.status, after.last_error) == (DerivedStatus.FAILED, "no")
    assert timedelta(0) < after.due_at - datetime.now(UTC) <= HOUR
    assert desk.rows(Voicemail)[0].status == VoicemailStatus.STORED


def test_failed_one_that_works_later_is_made(desk, monkeypatch):
    owed = stored(desk)
    with monkeypatch.context() as patch:
        patch.setattr(job, "make_mp3", refuse)
        derive(str(owed.id))
        desk.change(owed, due_at=datetime.now(UTC))
        derive(str(owed.id))
    desk.change(owed, due_at=datetime.now(UTC))

    derive(str(owed.id))

    assert desk.now(owed).status == DerivedStatus.MADE


def test_trying_ends_after_a_week(desk, monkeypatch):
    owed = stored(desk)
    desk.change(owed, created_at=datetime.now(UTC) - STOP_TRYING)
    monkeypatch.setattr(job, "make_mp3", refuse)

    derive(str(owed.id))

    assert desk.now(owed).due_at is None


def test_one_that_kills_its_process_is_failed(desk):
    owed = stored(desk)

    for _ in range(MOST_CRASHES):
        desk.change(owed, due_at=datetime.now(UTC))
        with desk.services.sessions.begin() as session:
            outbox.claim(session, DerivedAudio, owed.id, at=datetime.now(UTC))
        note_crash(desk.services, DerivedAudio, str(owed.id))

    assert desk.now(owed).status == DerivedStatus.FAILED


def test_longest_message_is_not_read(desk, monkeypatch):
    owed = stored(desk)
    monkeypatch.setattr(job, "LARGEST", 100)

    derive(str(owed.id))

    assert desk.now(owed).status == DerivedStatus.FAILED


@pytest.mark.parametrize("failure", [TemporaryFailure("away"), PermanentFailure("refused")])
def test_store_that_is_away_is_asked_again(desk, lose_store, failure):
    owed = stored(desk)
    lose_store(failure)

    derive(str(owed.id))

    assert desk.now(owed).due_at > datetime.now(UTC)


def test_other_tier_tags_both(desk):
    owed = stored(desk)
    derive(str(owed.id))
    move_up(desk)

    upkeep.retag()

    tags = [desk.services.store.tags(key) for key in desk.objects]
    assert tags == [{"tier": "enterprise"}] * 2


def test_tier_changed_meanwhile_is_tagged_again(desk, monkeypatch):
    owed = stored(desk)
    meanwhile(desk, monkeypatch, lambda: (move_up(desk), upkeep.retag()))
    derive(str(owed.id))

    upkeep.retag()

    tags = [desk.services.store.tags(key) for key in desk.objects]
    assert tags == [{"tier": "enterprise"}] * 2


def test_lost_mp3_bars_no_tag(desk):
    owed = stored(desk)
    derive(str(owed.id))
    desk.services.store.delete(desk.now(owed).object_key)
    move_up(desk)

    upkeep.retag()

    assert desk.rows(Voicemail)[0].tier_tag == "enterprise"


class TestGoing:
    def test_expiry_takes_both_objects_and_the_outline(self, desk, monkeypatch):
        owed = stored(desk)
        derive(str(owed.id))

        expire(desk, monkeypatch)

        assert desk.objects == []
        after = desk.now(owed)
        assert (after.status, after.peaks) == (DerivedStatus.LEAVING, None)

    def test_row_goes_when_the_object_is_seen_gone(self, desk, monkeypatch):
        owed = stored(desk)
        derive(str(owed.id))
        expire(desk, monkeypatch)

        derive(str(owed.id))

        assert desk.rows(DerivedAudio) == []

    def test_mp3_that_stays_keeps_its_message_from_being_called_expired(self, desk, monkeypatch):
        derive(str(stored(desk).id))
        delete = type(desk.services.store).delete
        monkeypatch.setattr(
            type(desk.services.store),
            "delete",
            lambda store, key: None if key.endswith(".mp3") else delete(store, key),
        )

        expire(desk, monkeypatch)

        assert desk.rows(Voicemail)[0].status == VoicemailStatus.STORED

    def test_late_mp3_of_an_expired_message_is_deleted(self, desk, monkeypatch):
        owed = stored(desk)
        meanwhile(desk, monkeypatch, lambda: expire(desk, monkeypatch))

        derive(str(owed.id))

        assert desk.objects == []

    def test_mp3_of_a_job_that_died_with_it_is_deleted_after_its_lease(self, desk, monkeypatch):
        owed = stored(desk)
        with desk.services.sessions.begin() as session:
            outbox.claim(session, DerivedAudio, owed.id, at=datetime.now(UTC), lease=LEASE)
        (mail,) = desk.rows(Voicemail)
        expire(desk, monkeypatch)
        key = mail.object_key.replace(".wav", ".mp3")
        desk.services.store.put(key, b"late", content_type="audio/mpeg", tags={})

        after = desk.now(owed)
        assert after.due_at - desk.now(mail).gone_at == LEASE
        desk.change(owed, due_at=datetime.now(UTC))
        derive(str(owed.id))

        assert (desk.objects, desk.rows(DerivedAudio)) == ([], [])

    def test_replaced_take_takes_its_mp3_along(self, desk):
        first = stored(desk)
        derive(str(first.id))
        (mail,) = desk.rows(Voicemail)
        with desk.services.sessions.begin() as session:
            held = session.get_one(Voicemail, mail.id)
            second = factories.make_voicemail(session, held.call, take=2, due_at=held.received_at)
            desk.recordings.media[second.carrier_id] = factories.tone(1.0)
            held.replace(datetime.now(UTC))

        collect(str(second.id))
        collect(str(mail.id))

        assert desk.objects == [desk.now(second).object_key]
        assert desk.now(first).status == DerivedStatus.LEAVING

    def test_message_that_is_not_stored_is_not_copied(self, desk):
        owed = stored(desk)
        with desk.services.sessions.begin() as session:
            (mail,) = session.query(Voicemail).all()
            mail.replace(datetime.now(UTC))

        derive(str(owed.id))

        assert desk.now(owed).due_at is None
        assert len(desk.objects) == 1


def stored(desk):
    """Answer what is owed for a message that was just stored."""
    collect(str(desk.voicemail().id))
    (owed,) = desk.rows(DerivedAudio)
    return owed


def refuse(_audio):
    raise PermanentFailure("no")


def meanwhile(desk, monkeypatch, act):
    """Let something happen while the MP3 is being put."""
    put = type(desk.services.store).put

    def put_slowly(store, key, data, **facts):
        answer = put(store, key, data, **facts)
        if key.endswith(".mp3"):
            act()
        return put(store, key, data, **facts) if key not in desk.objects else answer

    monkeypatch.setattr(type(desk.services.store), "put", put_slowly)


def expire(desk, monkeypatch):
    end = desk.rows(Voicemail)[0].expires_at + SECOND
    travel(monkeypatch, desk.services.sessions, end)
    expire_job.expire()


def move_up(desk):
    with desk.services.sessions.begin() as session:
        (mail,) = session.query(Voicemail).all()
        business = session.get_one(Business, mail.business_id)
        at = datetime.now(UTC)
        voicemails.change_tier(session, business, AccountTier.ENTERPRISE, by=OPERATOR, at=at)


def seconds(data):
    with av.open(io.BytesIO(data), format="mp3") as container:
        return sum(frame.samples for frame in container.decode(audio=0)) / 16_000
