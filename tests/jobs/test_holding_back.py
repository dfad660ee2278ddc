"""What an enterprise wants copied first outlives its last day: here, in the bucket, and bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clocks import travel
from factories import make_member, make_user

from jobs import holding_back as job
from jobs import upkeep
from jobs.expire import expire
from jobs.holding_back import hold_back
from voiceline import archive
from voiceline.models import ArchiveCopy, ArchiveDestination, ArchiveState, Business
from voiceline.rules.archive import Destination
from voiceline.rules.lifecycle import BusinessStatus, VoicemailStatus
from voiceline.rules.retention import HELD_BACK_AT_MOST, AccountTier

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NOW = datetime.now(UTC)
TO = Destination("arn:aws:iam::222222222222:role/V", "acme", "us-west-2", "voice/", "")
STORED, EXPIRED = VoicemailStatus.STORED, VoicemailStatus.EXPIRED


@pytest.fixture
def line(desk):
    """The desk, whose business is an enterprise that wants copies."""
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, desk.code.business_id)
        business.tier = desk.code.business.tier = AccountTier.ENTERPRISE
        alice = make_user(session)
        make_member(session, business, alice)
        row = archive.name_place(session, business.id, TO, by=alice, at=NOW)
        row.state, row.wanted_since = ArchiveState.CONNECTED, NOW
    return desk


@pytest.fixture
def row(line):
    return line.voicemail(store=line.services.store, due_at=None)


def destination(line):
    (found,) = line.rows(ArchiveDestination)
    return found


def go_to(line, monkeypatch, at):
    travel(monkeypatch, line.services.sessions, at)
    for module in (job, upkeep):
        monkeypatch.setattr(module, "now", lambda: at)


def copied(line, row, at=NOW):
    with line.services.sessions.begin() as session:
        copy = ArchiveCopy(
            business_id=row.business_id, voicemail_id=row.id, place="acme/voice/", archived_at=at
        )
        session.add(copy)


def status(line, row):
    return line.now(row).status


def test_without_its_copy_it_stays_and_with_it_it_goes(line, row, monkeypatch):
    go_to(line, monkeypatch, line.now(row).expires_at + DAY)
    expire()
    between = status(line, row)

    copied(line, row)
    expire()

    assert (between, status(line, row)) == (STORED, EXPIRED)


def test_it_stays_up_to_the_bound_and_no_second_longer(line, row, monkeypatch):
    last = line.now(row).expires_at + HELD_BACK_AT_MOST
    go_to(line, monkeypatch, last)
    expire()
    between = status(line, row)

    go_to(line, monkeypatch, last + SECOND)
    expire()

    assert (between, status(line, row)) == (STORED, EXPIRED)


@pytest.mark.parametrize(
    "change",
    [
        {"holds_back": False},
        {"wanted_since": None, "state": ArchiveState.DISCONNECTED},
    ],
)
def test_it_goes_in_time_where_the_business_wants_no_waiting(line, row, monkeypatch, change):
    line.change(destination(line), **change)
    go_to(line, monkeypatch, line.now(row).expires_at + SECOND)

    expire()

    assert status(line, row) == EXPIRED


@pytest.mark.parametrize(
    "change", [{"tier": AccountTier.SMALL_MEDIUM}, {"status": BusinessStatus.CLOSED}]
)
def test_a_lower_plan_and_a_closed_account_hold_nothing_back(line, row, monkeypatch, change):
    (business,) = [one for one in line.rows(Business) if one.id == row.business_id]
    line.change(business, **change)
    go_to(line, monkeypatch, line.now(row).expires_at + SECOND)

    expire()

    assert status(line, row) == EXPIRED


@pytest.mark.parametrize("state", [ArchiveState.DRAFT, ArchiveState.CONNECTED])
def test_a_bucket_that_fails_or_is_changed_holds_back_all_the_same(line, row, monkeypatch, state):
    line.change(destination(line), state=state, failing_since=NOW, last_error="no")
    go_to(line, monkeypatch, line.now(row).expires_at + SECOND)

    expire()

    assert status(line, row) == STORED


def test_another_businesss_voicemail_is_not_held_back(line, monkeypatch):
    (other,) = [one for one in line.rows(Business) if one.id != line.code.business_id]
    line.change(destination(line), business_id=other.id)
    row = line.voicemail(store=line.services.store, due_at=None)
    go_to(line, monkeypatch, line.now(row).expires_at + SECOND)

    expire()

    assert status(line, row) == EXPIRED


def test_the_object_is_tagged_in_time_so_that_no_rule_of_the_bucket_takes_it(
    line, row, monkeypatch
):
    store, key = line.services.store, line.now(row).object_key
    line.change(row, tier_tag="enterprise")
    found = []
    for before in (8 * DAY, 6 * DAY):
        go_to(line, monkeypatch, line.now(row).expires_at - before)
        hold_back()
        upkeep.retag()
        found.append(store.tags(key))

    copied(line, row)
    hold_back()
    upkeep.retag()

    assert found == [{"tier": "enterprise"}, {"tier": "hold"}]
    assert store.tags(key) == {"tier": "enterprise"}
    assert (line.now(row).held_back, line.now(row).tier_tag) == (False, "enterprise")


def test_past_the_bound_the_tag_goes_too(line, row, monkeypatch):
    line.change(row, held_back=True, tier_tag="hold")
    go_to(line, monkeypatch, line.now(row).expires_at + HELD_BACK_AT_MOST + SECOND)

    hold_back()

    assert (line.now(row).held_back, line.now(row).tier_tag) == (False, None)


def test_a_clock_in_doubt_changes_nothing(line, row, monkeypatch):
    go_to(line, monkeypatch, line.now(row).expires_at - DAY)
    monkeypatch.setattr(job.clock, "moment", lambda *_a, **_k: None)

    hold_back()

    assert line.now(row).held_back is False
