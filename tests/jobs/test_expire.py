"""What is older than its tier's period goes: strictly, seen to be gone, by the right clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from clocks import show, travel
from factories import make_member, make_user
from races import at_once

from jobs import expire as expire_job
from jobs.expire import expire
from jobs.messages import WRITERS
from voiceline import clock
from voiceline.audit import OPERATOR
from voiceline.errors import PermanentFailure, TemporaryFailure, UserError
from voiceline.intake import operator_code
from voiceline.models import AuditEntry, Delivery, DeliveryKind
from voiceline.rules.lifecycle import VoicemailStatus

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
YEARS = timedelta(days=730)


def test_exactly_old_enough_is_kept(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at)

    expire()

    assert desk.now(row).status == VoicemailStatus.STORED
    assert len(desk.objects) == 1


def test_strictly_older_is_deleted_and_marked(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + SECOND)

    expire()

    after = desk.now(row)
    assert (after.status, after.gone_at) == (
        VoicemailStatus.EXPIRED,
        desk.now(row).expires_at + SECOND,
    )
    assert desk.objects == []


def test_object_that_stays_is_not_called_expired(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + SECOND)
    monkeypatch.setattr(type(desk.services.store), "delete", lambda *_: None)

    expire()

    assert desk.now(row).status == VoicemailStatus.STORED


def test_sealed_object_that_outlives_its_key_is_not_called_expired(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + SECOND)
    monkeypatch.setattr(desk.services.store._inner, "delete", lambda _: None)

    expire()

    assert desk.now(row).status == VoicemailStatus.STORED
    assert desk.objects != []


@pytest.mark.parametrize("failure", [TemporaryFailure("away"), PermanentFailure("locked")])
def test_refused_expiry_is_tried_in_the_next_period(desk, monkeypatch, lose_store, failure):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + SECOND)
    kept = desk.services.store

    lose_store(failure)
    expire()
    between = desk.now(row).status
    object.__setattr__(desk.services, "store", kept)
    expire()

    assert between == VoicemailStatus.STORED
    assert desk.now(row).status == VoicemailStatus.EXPIRED


def test_one_that_cannot_expire_bars_no_other(desk, monkeypatch):
    locked, free = (desk.voicemail(store=desk.services.store, due_at=None) for _ in range(2))
    desk.change(locked, expires_at=desk.now(free).expires_at - SECOND)
    travel(monkeypatch, desk.services.sessions, desk.now(free).expires_at + SECOND)
    monkeypatch.setattr(expire_job, "BATCH", 1)
    delete, key = desk.services.store.delete, desk.now(locked).object_key
    monkeypatch.setattr(
        type(desk.services.store), "delete", lambda _, k: refuse() if k == key else delete(k)
    )

    expire()

    assert desk.now(locked).status == VoicemailStatus.STORED
    assert desk.now(free).status == VoicemailStatus.EXPIRED


def test_a_round_ends_before_others_wait_for_it(desk, monkeypatch):
    rows = [desk.voicemail(store=desk.services.store, due_at=None) for _ in range(2)]
    travel(monkeypatch, desk.services.sessions, desk.now(rows[-1]).expires_at + SECOND)
    monkeypatch.setattr(expire_job, "ROUND_SECONDS", -1.0)

    expire()

    assert len(desk.objects) == 2


def test_more_than_a_batch_expires_in_one_round(desk, monkeypatch):
    rows = [desk.voicemail(store=desk.services.store, due_at=None) for _ in range(5)]
    travel(monkeypatch, desk.services.sessions, desk.now(rows[-1]).expires_at + SECOND)
    monkeypatch.setattr(expire_job, "BATCH", 2)

    expire()

    assert desk.objects == []
    assert {desk.now(row).status for row in rows} == {VoicemailStatus.EXPIRED}


class TestAClockInDoubt:
    """Nothing is deleted by it, and the operator is told (reliability.md 54)."""

    @pytest.fixture(autouse=True)
    def olga(self, desk):
        with desk.services.sessions.begin() as session:
            olga = make_user(session, "Olga Olsen", email="olga@example.com")
            make_member(session, operator_code(session).business, olga)

    @pytest.fixture
    def row(self, desk, monkeypatch):
        """A voicemail that would be over in two years, on a line that has run."""
        row = desk.voicemail(store=desk.services.store, due_at=None)
        travel(monkeypatch, desk.services.sessions, desk.now(row).stored_at)
        expire()
        return row

    @pytest.mark.parametrize("wrong", ["both", "database", "process"])
    def test_two_years_wrong_deletes_nothing_and_tells_the_operator(
        self, desk, row, monkeypatch, wrong
    ):
        right = desk.now(row).stored_at + SECOND
        show(
            monkeypatch,
            database=right if wrong == "process" else right + YEARS,
            process=right if wrong == "database" else right + YEARS,
        )

        for _ in range(2):
            expire()

        assert desk.now(row).status == VoicemailStatus.STORED
        (mail,) = [each for each in desk.rows(Delivery) if each.kind == DeliveryKind.ALARM]
        assert mail.facts["doubt"] == ("leapt" if wrong == "both" else "apart")

    def test_a_clock_that_went_back_deletes_nothing_before_it_is_there_again(
        self, desk, row, monkeypatch
    ):
        last = desk.now(row).expires_at
        travel(monkeypatch, desk.services.sessions, last)
        expire()

        show(monkeypatch, database=last - SECOND, process=last - SECOND)
        expire()
        between = desk.now(row).status
        show(monkeypatch, database=last + SECOND, process=last + SECOND)
        expire()

        assert between == VoicemailStatus.STORED
        assert desk.now(row).status == VoicemailStatus.EXPIRED
        assert [each for each in desk.rows(Delivery) if each.kind == DeliveryKind.ALARM] == []

    def test_a_person_confirms_a_clock_that_leapt_and_what_is_over_goes(
        self, desk, row, monkeypatch
    ):
        late = desk.now(row).expires_at + 40 * DAY
        show(monkeypatch, database=late, process=late)
        expire()
        between = desk.now(row).status

        with desk.services.sessions.begin() as session:
            clock.confirm(session, by=OPERATOR, process=late)
        expire()

        assert between == VoicemailStatus.STORED
        assert desk.now(row).status == VoicemailStatus.EXPIRED
        (entry,) = [each for each in desk.rows(AuditEntry) if each.action == "clock.confirmed"]
        assert json.loads(entry.facts) == {"doubt": "leapt"}

    def test_two_clocks_that_differ_cannot_be_confirmed(self, desk, row, monkeypatch):
        at = desk.now(row).stored_at
        show(monkeypatch, database=at + DAY, process=at)

        with (
            desk.services.sessions.begin() as session,
            pytest.raises(UserError, match="first"),
        ):
            clock.confirm(session, by=OPERATOR, process=at)

    def test_the_mail_says_what_to_do(self, desk, row, monkeypatch):
        late = desk.now(row).expires_at
        show(monkeypatch, database=late, process=late)
        expire()

        (mail,) = [each for each in desk.rows(Delivery) if each.kind == DeliveryKind.ALARM]
        with desk.services.sessions() as session:
            written = WRITERS[DeliveryKind.ALARM](desk.services, session, session.merge(mail))
        text = written.get_body(("plain",)).get_content()
        assert "No voicemail expires until this is looked at" in text
        assert "voiceline clock confirm" in text


def test_the_databases_clock_is_read(session):
    apart = abs(clock.database_now(session) - datetime.now(UTC))

    assert apart < timedelta(minutes=1)


def test_what_the_store_keeps_for_over_an_hour_alarms_the_operator(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    with desk.services.sessions.begin() as session:
        make_member(session, operator_code(session).business, make_user(session, "Olga Olsen"))
    monkeypatch.setattr(type(desk.services.store), "delete", lambda *_: refuse())
    alarms = []

    for after in (SECOND, timedelta(hours=2)):
        travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + after)
        expire()
        alarms.append([e.facts for e in desk.rows(Delivery) if e.kind == DeliveryKind.ALARM])

    assert alarms == [[], [{"about": "undeleted", "count": "1", "reason": "locked"}]]
    assert desk.now(row).status == VoicemailStatus.STORED


def test_killed_between_deleting_and_marking_it_is_marked_in_the_next_round(desk, monkeypatch):
    row = desk.voicemail(store=desk.services.store, due_at=None)
    travel(monkeypatch, desk.services.sessions, desk.now(row).expires_at + SECOND)
    with monkeypatch.context() as killed:
        killed.setattr(expire_job, "_mark", lambda *_: 0)
        killed.setattr(expire_job, "ROUND_SECONDS", 0.2)
        expire()
    between = desk.now(row)

    expire()

    assert (between.status, desk.objects) == (VoicemailStatus.STORED, [])
    assert between.going_at is not None
    assert desk.now(row).status == VoicemailStatus.EXPIRED


def test_two_rounds_at_once_make_one_entry_for_each(desk, monkeypatch):
    rows = [desk.voicemail(store=desk.services.store, due_at=None) for _ in range(6)]
    travel(monkeypatch, desk.services.sessions, desk.now(rows[-1]).expires_at + SECOND)
    monkeypatch.setattr(expire_job, "BATCH", 2)

    failures = at_once([expire, expire])

    entries = [each for each in desk.rows(AuditEntry) if each.action == "voicemail.expired"]
    assert (failures, len(entries)) == ([], 6)
    assert {desk.now(row).status for row in rows} == {VoicemailStatus.EXPIRED}


def refuse():
    raise PermanentFailure("locked")
