"""The carrier's contract, cases 75-83, 89 and 90: from the carrier's copy to ours, with faults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from lines import CALLER

from jobs import claimed, upkeep
from jobs import collect as collecting
from jobs.collect import collect
from jobs.upkeep import reconcile, retag
from voiceline import voicemails
from voiceline.audit import OPERATOR
from voiceline.models import Call, PrivacyRequest, ServiceCode, Voicemail
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import AccountTier
from voiceline.simulator import Faults

NEVER = 10_000


def test_case_75_media_that_comes_late_is_collected(line):
    _leave_message(line, Faults(media_missing_requests=3))

    _collect(line)

    assert _voicemail(line).status == VoicemailStatus.STORED
    assert line.request().received_at == _voicemail(line).recorded_at


def test_case_76_media_that_never_comes_is_parked(line, parked):
    _leave_message(line, Faults(media_missing_requests=NEVER))
    _collect(line)
    first = _voicemail(line)
    _change(line, received_at=datetime.now(UTC) - timedelta(hours=7))

    _collect(line)

    assert (first.status, first.attempts) == (VoicemailStatus.PENDING, 1)
    assert _voicemail(line).status == VoicemailStatus.FAILED
    assert parked == ["voicemail"]


def test_case_77_a_throttled_carrier_is_left_alone_a_while(line):
    _leave_message(line, Faults(throttled=1))

    _collect(line)
    postponed = _voicemail(line)
    _collect(line)

    assert postponed.status == VoicemailStatus.PENDING
    assert postponed.due_at > datetime.now(UTC)
    assert _voicemail(line).status == VoicemailStatus.STORED


def test_case_78_refused_credentials_are_not_tried_again(line, parked):
    _leave_message(line, Faults(unauthorized=NEVER))

    _collect(line)

    found = _voicemail(line)
    assert found.status == VoicemailStatus.FAILED
    assert found.due_at > datetime.now(UTC) + timedelta(minutes=50)
    assert "AUTH_TOKEN" in found.last_error
    assert parked == ["voicemail"]


@pytest.mark.parametrize(
    "fault", [{"media_truncated": 1}, {"media_html": 1}, {"broken": 1}], ids=str
)
def test_case_79_what_is_no_whole_audio_is_fetched_again(line, fault):
    _leave_message(line, Faults(**fault))

    _collect(line)
    first = _voicemail(line)
    _collect(line)

    assert (first.status, first.object_key) == (VoicemailStatus.PENDING, None)
    assert _voicemail(line).status == VoicemailStatus.STORED


def test_case_80_ours_is_safe_before_theirs_is_deleted(line):
    _leave_message(line, Faults(deletes_failing=1))

    _collect(line)
    kept = _voicemail(line)
    theirs = line.carrier.store.recording(kept.carrier_id)
    _collect(line)

    stored = line.services.store.get(kept.object_key)
    assert (kept.status, kept.carrier_deleted_at) == (VoicemailStatus.STORED, None)
    assert theirs.deleted_at is None
    assert len(stored) == kept.size
    assert line.services.store.tags(kept.object_key) == {"tier": "small_medium"}
    assert _voicemail(line).carrier_deleted_at is not None
    assert line.carrier.store.recording(kept.carrier_id).deleted_at is not None


def test_case_80_deleting_what_is_gone_is_done(line):
    _leave_message(line, Faults(deletes_failing=1))
    _collect(line)
    line.services.recordings.delete(_voicemail(line).carrier_id)

    _collect(line)

    assert _voicemail(line).carrier_deleted_at is not None


def test_case_81_collecting_again_changes_nothing(line):
    _leave_message(line, Faults())
    _collect(line)
    before, request = _voicemail(line), line.request()

    _change(line, due_at=datetime.now(UTC))
    _collect(line)
    again = line.services.store.put(
        before.object_key,
        line.services.store.get(before.object_key),
        content_type="audio/x-wav",
        tags={"tier": "small_medium"},
    )

    after = _voicemail(line)
    assert again.sha256 == before.sha256
    assert (after.status, after.object_key) == (before.status, before.object_key)
    assert line.request().version == request.version


@pytest.mark.parametrize("place", ["after_fetch", "after_put", "before_commit", "after_commit"])
def test_case_82_a_crash_anywhere_converges(line, monkeypatch, place):
    _leave_message(line, Faults())
    monkeypatch.setattr(collecting, "reach", lambda here: _die() if here == place else None)
    with pytest.raises(KeyboardInterrupt):
        _collect(line)
    monkeypatch.setattr(collecting, "reach", lambda _: None)

    _change(line, due_at=datetime.now(UTC))
    _collect(line)

    found = _voicemail(line)
    assert found.status == VoicemailStatus.STORED
    assert found.carrier_deleted_at is not None
    assert len(_stored(line)) == len(line.rows(PrivacyRequest)) == 1


def test_case_83_a_tier_changed_later_is_tagged_later(line):
    _leave_message(line, Faults())
    _change_tier(line, AccountTier.ENTERPRISE)
    _collect(line)
    at_ingest = line.services.store.tags(_voicemail(line).object_key)

    _change_tier(line, AccountTier.SMALL_MEDIUM)
    owing = _voicemail(line)
    retag()

    assert at_ingest == {"tier": "enterprise"}
    assert owing.tier_tag is None
    assert owing.expires_at - owing.recorded_at == timedelta(days=180)
    assert line.services.store.tags(owing.object_key) == {"tier": "small_medium"}
    assert _voicemail(line).tier_tag == "small_medium"


@pytest.mark.parametrize("lost", [{"callbacks_lost": NEVER}, {"actions_lost": 1}, {}], ids=str)
def test_case_89_a_lost_recording_is_found_and_filed_once(line, lost):
    _leave_message(line, Faults(**({"callbacks_lost": NEVER, "actions_lost": 1} | lost)))

    for _ in range(2):
        reconcile()
        line.work()

    (call,) = line.rows(Call)
    assert _voicemail(line).status == VoicemailStatus.STORED
    assert call.caller_id == CALLER
    assert line.request().received_at == _voicemail(line).recorded_at


def test_case_89_a_recording_of_a_call_never_heard_of_is_adopted(line, forgotten):
    reconcile()
    line.work()

    (call,) = line.rows(Call)
    assert (call.carrier_id, call.caller_id, call.unassigned) == (forgotten, CALLER, True)
    assert line.request().call_id == call.id


def test_case_90_encrypted_audio_is_parked_and_kept_there(line, parked):
    _leave_message(line, Faults())
    _spoil(line)
    _change(line, attempts=claimed.MOST_ATTEMPTS - 1)

    _collect(line)

    found = _voicemail(line)
    assert (found.status, found.object_key) == (VoicemailStatus.FAILED, None)
    assert line.carrier.store.recording(found.carrier_id).deleted_at is None
    assert parked == ["voicemail"]


def _leave_message(line, faults):
    line.carrier.set_faults(faults)
    line.call("4021#", "", "3", "1")


def _collect(line):
    for voicemail in line.rows(Voicemail):
        collect(str(voicemail.id))


def _voicemail(line):
    (found,) = line.rows(Voicemail)
    return found


def _change(line, **facts):
    with line.services.sessions.begin() as session:
        for voicemail in session.query(Voicemail):
            for name, value in facts.items():
                setattr(voicemail, name, value)


def _change_tier(line, tier):
    with line.services.sessions.begin() as session:
        code = session.query(ServiceCode).filter_by(code="4021").one()
        voicemails.change_tier(session, code.business, tier, by=OPERATOR, at=datetime.now(UTC))


def _stored(line):
    return list((line.services.settings.data_dir / "store").rglob("RE*.wav.sealed"))


def _spoil(line):
    """Put bytes that are no WAV where the carrier keeps the recording, as encrypted media is."""
    for path in (line.carrier.config.data_dir / "recordings").glob("*.wav"):
        path.write_bytes(b"\x9c" * 40_000)


def _die():
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(collecting, "NOT_YET", (0, 0, 0))
    monkeypatch.setattr(upkeep, "YOUNG", timedelta(days=-1))


@pytest.fixture
def parked(monkeypatch):
    """The tables whose rows were given up, as the alarm sees it."""
    kinds = []

    class Log:
        warning = info = staticmethod(lambda *_, **__: None)

        @staticmethod
        def error(event, **facts):
            assert event == "job.parked"
            kinds.append(facts["kind"])

    monkeypatch.setattr(claimed, "log", Log)
    return kinds


@pytest.fixture
def forgotten(line):
    """A call of which the carrier alone knows."""
    _leave_message(line, Faults())
    with line.services.sessions.begin() as session:
        for table in (Voicemail, Call):
            session.query(table).delete()
    (call,) = line.carrier.store.calls()
    return call.sid
