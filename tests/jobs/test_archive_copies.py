"""Copies in an enterprise's own bucket: each voicemail with its record, whatever fails between."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from archive_schema import DOCUMENT
from archives import (
    OURS,
    PROBE,
    THEIRS,
    TO,
    as_enterprise,
    connect,
    copy_of,
    destination,
    key_of,
    objects,
    owner,
    run,
    stored,
)
from factories import (
    draft_of,
    make_business,
    make_call,
    make_code,
    make_member,
    make_user,
    make_voicemail,
)
from fakes.aws import fake_aws, refusal
from mailed import mails_to

from jobs import archive as job
from jobs.archive import LONGEST_PAUSE, LOOK_AGAIN, archive
from jobs.claimed import CRASHED, note_crash
from jobs.upkeep import OWED
from voiceline import archive as verbs
from voiceline import archive_copies, outbox, voicemails
from voiceline.archive_proofs import prove
from voiceline.archive_record import Record, schema
from voiceline.audit import OPERATOR
from voiceline.errors import DamagedObjectError, TemporaryFailure
from voiceline.models import (
    ArchiveCopy,
    ArchiveDestination,
    Business,
    Transcript,
)
from voiceline.rules.lifecycle import BusinessStatus, VoicemailStatus
from voiceline.rules.retention import AccountTier


@pytest.fixture
def aws():
    with fake_aws(OURS) as made:
        yield made


@pytest.fixture
def line(desk, aws):
    """The desk, whose business is an enterprise that connected its own bucket."""
    return as_enterprise(desk, aws)


def test_each_voicemail_is_copied_with_its_record_those_of_before_too(line, aws):
    rows = [stored(line) for _ in range(3)]

    run(line)

    kept = objects(aws)
    assert set(kept) == {key_of(row, ending) for row in rows for ending in ("wav", "json")}
    for row in rows:
        copy, sound = copy_of(line, row), kept[key_of(row, "wav")]
        assert hashlib.sha256(sound).hexdigest() == line.now(row).sha256 == copy.sha256
        assert copy.archived_at is not None
        assert (copy.due_at, copy.place, copy.last_error) == (None, "acme/voice/", None)


def test_the_record_keeps_to_its_written_form_and_says_what_it_is_about(line, aws):
    row = stored(line, call={"right": "delete", "caller_id": "+14155550123"})
    with line.services.sessions.begin() as session:
        session.add(Transcript(business_id=row.business_id, voicemail_id=row.id, created_at=NOW))
        session.flush()
        session.query(Transcript).one().complete(draft_of("please delete my data", 3), NOW)

    run(line)

    text = objects(aws)[key_of(row, "json")]
    record = Record.model_validate_json(text, strict=True)
    assert record.sound.name == f"{row.id}.wav"
    assert record.sound.sha256 == line.now(row).sha256
    assert (record.caller.number, record.caller.right) == ("+14155550123", "delete")
    assert record.transcript.text == "please delete my data"
    assert set(json.loads(text)) == set(json.loads(DOCUMENT.read_text())["properties"])


NOW = datetime.now(UTC)


def test_the_written_form_is_the_one_of_the_code():
    assert DOCUMENT.read_text() == schema()


def test_a_transcript_that_comes_later_is_put_without_the_sound(line, aws):
    row = stored(line)
    run(line)
    before = copy_of(line, row)
    with line.services.sessions.begin() as session:
        session.add(Transcript(business_id=row.business_id, voicemail_id=row.id, created_at=NOW))
        session.flush()
        session.query(Transcript).one().complete(draft_of("hello", 3), NOW)
        archive_copies.owe_record(session, row.id, at=datetime.now(UTC))
    aws.seen.clear()

    run(line)

    after, text = copy_of(line, row), objects(aws)[key_of(row, "json")]
    assert aws.seen.count("PutObject") == 1
    assert json.loads(text)["transcript"]["text"] == "hello"
    assert after.record_sha256 == hashlib.sha256(text).hexdigest() != before.record_sha256
    assert after.due_at is None


def test_what_is_archived_is_not_put_again_and_run_twice_is_once(line, aws):
    stored(line)
    run(line)
    aws.seen.clear()

    run(line)

    assert "PutObject" not in aws.seen
    assert destination(line).due_at > datetime.now(UTC) + LOOK_AGAIN - timedelta(minutes=1)


def test_the_sweeper_offers_a_connected_bucket(line):
    with line.services.sessions.begin() as session:
        due = outbox.offer_due(session, ArchiveDestination, at=datetime.now(UTC), limit=9)

    assert due == [destination(line).id]
    assert (ArchiveDestination, "archive") in OWED


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda aws: setattr(aws.buckets["acme"], "owner", "333333333333"), "access is denied"),
        (lambda aws: setattr(aws.buckets["acme"], "region", "eu-west-1"), "another region"),
        (lambda aws: aws.buckets.pop("acme"), "no such bucket"),
        (lambda aws: setattr(aws.buckets["acme"], "encrypts", False), "did not encrypt"),
        (lambda aws: aws.roles.clear(), "access is denied"),
        (
            lambda aws: setattr(
                aws,
                "trouble",
                lambda action: (
                    refusal(400, "KMS.DisabledException") if action == "PutObject" else None
                ),
            ),
            "key is switched off",
        ),
    ],
)
def test_what_the_enterprise_must_change_is_told_to_its_owners_once_a_day(line, aws, change, said):
    row = stored(line)
    line.services.archives.forget(verbs.place_of(destination(line)), destination(line).external_id)
    change(aws)

    for _ in range(3):
        line.change(destination(line), due_at=NOW)
        run(line)

    failing, (mail,) = destination(line), mails_to(line.services, "alice@acme.example")
    assert said in failing.last_error
    assert failing.failing_since is not None
    assert "own bucket. Not there yet: 1." in mail.get_content()
    assert said in mail.get_content()
    assert copy_of(line, row).archived_at is None


def test_it_resumes_by_itself_and_rests_longer_each_time(line, aws, monkeypatch):
    row, at = stored(line), datetime.now(UTC)
    monkeypatch.setattr(job, "now", lambda: at)
    aws.trouble = lambda action: refusal(503, "SlowDown") if action == "PutObject" else None
    pauses = []
    for _ in range(8):
        line.change(destination(line), due_at=NOW)
        run(line)
        pauses.append((destination(line).due_at - at).seconds)
    aws.trouble = lambda _action: None

    line.change(destination(line), due_at=NOW)
    run(line)

    assert pauses == [15, 30, 60, 120, 240, 480, LONGEST_PAUSE.seconds, LONGEST_PAUSE.seconds]
    assert copy_of(line, row).archived_at is not None
    assert (destination(line).failing_since, destination(line).last_error) == (None, None)
    assert mails_to(line.services, "alice@acme.example") == []  # it passed within the hour


def test_trouble_that_lasts_is_told(line, aws):
    stored(line)
    aws.trouble = lambda action: refusal(503, "SlowDown") if action == "PutObject" else None
    run(line)
    line.change(destination(line), due_at=NOW, failing_since=NOW - timedelta(hours=2))

    run(line)

    (mail,) = mails_to(line.services, "alice@acme.example")
    assert "answered 503" in mail.get_content()


def test_a_session_that_ends_midway_is_opened_anew(line, aws):
    rows = [stored(line) for _ in range(2)]
    seen = []

    def end_after_the_first(action):
        if action == "PutObject":
            seen.append(action)
            if len(seen) == 3:
                aws.end_sessions()

    aws.trouble = end_after_the_first
    run(line)
    between = [copy_of(line, row).archived_at for row in rows]

    line.change(destination(line), due_at=NOW)
    run(line)

    assert None in between
    assert all(copy_of(line, row).archived_at for row in rows)


def test_a_failing_bucket_keeps_no_other_business_waiting(line, aws):
    ours = stored(line)
    with line.services.sessions.begin() as session:
        other = make_business(session, "Bluebird Books", tier=AccountTier.ENTERPRISE)
        code = make_code(session, other, "5022")
        make_member(session, other, make_user(session, "Charlie Chen"))
        call = make_call(session, code)
        theirs = make_voicemail(session, call, store=line.services.store)
    to = replace(TO, role_arn=TO.role_arn.replace(THEIRS, "444444444444"), bucket="bluebird")
    connect(line, aws, to, other.id)
    del aws.buckets["acme"]

    run(line)

    assert copy_of(line, ours).archived_at is None
    assert copy_of(line, theirs).archived_at is not None
    assert {row.failing_since is None for row in line.rows(ArchiveDestination)} == {True, False}
    assert set(objects(aws, "bluebird")) == {key_of(theirs, "wav"), key_of(theirs, "json")} | {
        "voice/voiceline-test.txt"
    } - {PROBE}


def test_disconnected_between_claim_and_put_nothing_is_put(line, aws, monkeypatch):
    stored(line)
    read = job._read

    def disconnected_while_reading(built, parcel):
        with line.services.sessions.begin() as session:
            by = owner(session, line.code.business_id)
            verbs.disconnect(session, line.code.business_id, by=by, at=NOW)
        return read(built, parcel)

    monkeypatch.setattr(job, "_read", disconnected_while_reading)

    run(line)

    assert objects(aws) == {}
    assert (destination(line).due_at, destination(line).wanted_since) == (None, None)


@pytest.mark.parametrize(
    "change", [{"tier": AccountTier.SMALL_MEDIUM}, {"status": BusinessStatus.CLOSED}]
)
def test_a_lower_plan_and_a_closed_account_stop_the_next_copy(line, aws, change):
    stored(line)
    (business,) = [one for one in line.rows(Business) if one.id == line.code.business_id]
    line.change(business, **change)

    run(line)

    assert objects(aws) == {}
    assert mails_to(line.services, "alice@acme.example") == []


def test_the_plan_of_before_takes_the_copies_up_again(line, aws):
    row = stored(line)
    for tier in (AccountTier.SMALL_MEDIUM, AccountTier.ENTERPRISE):
        with line.services.sessions.begin() as session:
            business = session.get_one(Business, line.code.business_id)
            voicemails.change_tier(session, business, tier, by=OPERATOR, at=NOW)
        line.change(destination(line), due_at=NOW)
        run(line)

    assert copy_of(line, row).archived_at is not None


def test_a_test_that_fails_stops_the_copies_and_is_told_of_daily(line, aws):
    stored(line)
    aws.roles[TO.role_arn].trust["Statement"][0].pop("Condition")
    row = destination(line)
    proofs = prove(line.services.archives, verbs.place_of(row), row.external_id)
    with line.services.sessions.begin() as session:
        by = owner(session, row.business_id)
        verbs.note_proofs(session, row.business_id, row.version, proofs, by=by, at=NOW)
    aws.seen.clear()

    run(line)

    (mail,) = mails_to(line.services, "alice@acme.example")
    assert "last test of the connection failed" in mail.get_content()
    assert aws.seen == []


def test_another_bucket_gets_everything_anew(line, aws):
    row = stored(line)
    run(line)

    connect(line, aws, replace(TO, bucket="acme-new"))
    between = copy_of(line, row)
    run(line)

    assert (between.archived_at, copy_of(line, row).place) == (None, "acme-new/voice/")
    assert set(objects(aws, "acme-new")) >= {key_of(row, "wav"), key_of(row, "json")}


def test_a_sound_that_cannot_be_read_waits_alone(line, aws, monkeypatch):
    broken, whole = stored(line), stored(line)
    get = type(line.services.store).get
    kept = line.now(broken).object_key

    def get_but_one(store, key):
        if key == kept:
            raise DamagedObjectError("it was changed")
        return get(store, key)

    monkeypatch.setattr(type(line.services.store), "get", get_but_one)

    run(line)

    assert copy_of(line, whole).archived_at is not None
    late = copy_of(line, broken)
    assert late.archived_at is None
    assert "changed" in late.last_error
    assert destination(line).failing_since is None
    with line.services.sessions() as session:
        found = archive_copies.progress(session, line.code.business_id)
    assert (found.stored, found.archived, found.behind, found.put_off) == (2, 1, 1, 1)


def test_other_bytes_of_ours_are_never_sent_as_the_voicemail(line, aws):
    row = stored(line)
    line.change(row, sha256="0" * 64)

    run(line)

    assert objects(aws) == {}
    assert "not what was stored" in copy_of(line, row).last_error


def test_what_was_erased_before_its_turn_is_not_copied(line, aws):
    row = stored(line)
    with line.services.sessions.begin() as session:
        archive_copies.fill(session, session.merge(destination(line)), at=NOW)
    line.change(row, status=VoicemailStatus.ERASED)

    run(line)

    assert objects(aws) == {}
    assert copy_of(line, row).due_at is None


def test_what_is_erased_while_it_is_read_is_not_put(line, aws, monkeypatch):
    row, read = stored(line), job._read

    def erased_while_reading(built, parcel):
        sound = read(built, parcel)
        line.change(row, status=VoicemailStatus.ERASED)
        return sound

    monkeypatch.setattr(job, "_read", erased_while_reading)

    run(line)

    assert objects(aws) == {}


def test_who_is_killed_over_it_leaves_what_the_next_goes_on_with(line, aws):
    row = stored(line)
    with line.services.sessions.begin() as session:
        outbox.claim(session, ArchiveDestination, destination(line).id, at=datetime.now(UTC))
    note_crash(line.services, ArchiveDestination, str(destination(line).id))
    between = destination(line)

    line.change(between, due_at=NOW)
    run(line)

    assert between.last_error == CRASHED
    assert copy_of(line, row).archived_at is not None
    assert destination(line).last_error is None


def test_put_and_killed_before_it_was_noted_is_put_to_the_same_end(line, aws, monkeypatch):
    row = stored(line)
    with monkeypatch.context() as patches:
        patches.setattr(archive_copies, "note_archived", _killed)
        run(line)
    before = objects(aws)

    line.change(destination(line), due_at=NOW)
    run(line)

    assert objects(aws) == before
    assert copy_of(line, row).archived_at is not None


def _killed(*_args, **_facts):
    raise RuntimeError("killed")


def test_what_is_owed_anew_while_it_is_put_stays_owed(line, aws):
    row = stored(line)
    later = datetime.now(UTC) + timedelta(seconds=1)

    def owe_meanwhile(action):
        if action == "PutObject":
            with line.services.sessions.begin() as session:
                archive_copies.owe_record(session, row.id, at=later)

    aws.trouble = owe_meanwhile
    run(line)

    assert copy_of(line, row).due_at == later
    assert copy_of(line, row).archived_at is not None


def test_an_operator_without_an_account_puts_it_off(line):
    stored(line)
    object.__setattr__(line.services, "archives", None)

    run(line)

    assert "no account" in destination(line).last_error
    assert destination(line).due_at > datetime.now(UTC)


def test_a_key_of_the_operators_that_is_refused_is_no_owners_to_mend(line, aws):
    stored(line)
    row = destination(line)
    line.services.archives.forget(verbs.place_of(row), row.external_id)
    aws.access_key = "AKIAOFNOWADAYS"

    run(line)

    assert "operator's own key" in destination(line).last_error
    assert destination(line).failing_since is None
    assert destination(line).due_at > datetime.now(UTC)
    assert mails_to(line.services, "alice@acme.example") == []


def test_an_object_store_of_ours_that_is_away_is_no_fault_of_the_bucket(line, lose_store, aws):
    row = stored(line)
    lose_store(TemporaryFailure("the object store answered 503"))

    run(line)

    assert destination(line).failing_since is None
    assert "503" in copy_of(line, row).last_error


def test_a_job_on_nothing_does_nothing(line):
    archive(str(uuid4()))

    assert line.rows(ArchiveCopy) == []
