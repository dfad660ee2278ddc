"""What is under a legal hold stays: in the database, in the store, and from the first second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from clocks import travel
from factories import make_member, make_request, make_user

from jobs import expire as expire_job
from jobs import upkeep
from jobs.collect import collect
from voiceline import holds, voicemails
from voiceline.audit import OPERATOR
from voiceline.errors import NotFoundError, UserError
from voiceline.models import (
    AuditEntry,
    Business,
    LegalHold,
    PrivacyRequest,
    Role,
    User,
    Voicemail,
)
from voiceline.rules.lifecycle import VoicemailStatus
from voiceline.rules.retention import NOTICE, AccountTier

AT = datetime(2027, 1, 4, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
REASON = "Moreno v. Acme, 27-CV-1: asked by counsel."


@pytest.fixture
def alice(desk) -> User:
    with desk.services.sessions.begin() as session:
        made = make_user(session)
        make_member(session, session.get_one(Business, desk.code.business_id), made)
        return made


@pytest.fixture
def row(desk) -> Voicemail:
    """A stored voicemail, whose request there is."""
    made = desk.voicemail(store=desk.services.store, due_at=None)
    with desk.services.sessions.begin() as session:
        voicemail = session.get_one(Voicemail, made.id)
        make_request(session, session.merge(desk.code), call=voicemail.call)
    return made


@pytest.fixture
def hold(desk, alice):
    """Place a hold: on the request of a voicemail, or on everything."""

    def place(row=None, *, by=alice, reason=REASON, at=AT):
        with desk.services.sessions.begin() as session:
            query = session.query(PrivacyRequest)
            request = query.filter_by(call_id=row.call_id).one() if row else None
            return holds.place(session, desk.code.business_id, request, reason=reason, by=by, at=at)

    return place


@pytest.fixture
def lift(desk, alice):
    def lift_it(hold, *, by=alice, at=AT):
        with desk.services.sessions.begin() as session:
            holds.lift(session, desk.code.business_id, hold.id, by=by, at=at)

    return lift_it


@pytest.fixture
def expire_at(desk, monkeypatch):
    """Let the job run at that moment."""

    def expire(at):
        travel(monkeypatch, desk.services.sessions, at)
        expire_job.expire()

    return expire


def tag_of(desk, row) -> dict[str, str]:
    return desk.services.store.tags(desk.now(row).object_key)


def test_what_a_request_has_stays_whatever_its_age(desk, row, hold, expire_at):
    hold(row)

    expire_at(desk.now(row).expires_at + 400 * DAY)

    assert desk.now(row).status == VoicemailStatus.STORED
    assert len(desk.objects) == 1


def test_another_request_goes_on(desk, row, hold, expire_at):
    other = desk.voicemail(store=desk.services.store, due_at=None)
    hold(row)

    expire_at(desk.now(other).expires_at + 400 * DAY)

    assert desk.now(other).status == VoicemailStatus.EXPIRED


def test_all_of_a_business_stays_and_what_is_still_to_come(desk, row, hold):
    hold()
    later = desk.voicemail()
    desk.recordings.media[later.carrier_id] = desk.services.store.get(desk.now(row).object_key)

    collect(str(later.id))
    upkeep.retag()

    assert (desk.now(row).held, desk.now(later).held) == (True, True)
    assert tag_of(desk, row) == tag_of(desk, later) == {"tier": "hold"}


def test_one_placed_before_it_is_taken_on_keeps_it(desk, row, hold, expire_at):
    hold(row)

    expire_at(desk.now(row).expires_at + DAY)

    assert (desk.now(row).going_at, len(desk.objects)) == (None, 1)


def test_one_placed_while_it_is_deleted_is_too_late(desk, row, hold, expire_at, monkeypatch):
    store = type(desk.services.store)
    delete = store.delete

    def hold_and_delete(self, key):
        if not desk.rows(LegalHold):
            hold(row)
        delete(self, key)

    monkeypatch.setattr(store, "delete", hold_and_delete)
    expire_at(desk.now(row).expires_at + DAY)

    assert (desk.now(row).status, desk.now(row).held) == (VoicemailStatus.EXPIRED, False)


def test_lifted_it_stays_for_thirty_days_and_then_goes(desk, row, hold, lift, expire_at):
    placed = hold(row)
    upkeep.retag()
    over = desk.now(row).expires_at + 100 * DAY

    lift(placed, at=over)
    upkeep.retag()

    assert desk.now(row).expires_at == over + NOTICE
    assert tag_of(desk, row) == {"tier": "small_medium"}
    expire_at(over + NOTICE)
    assert desk.now(row).status == VoicemailStatus.STORED
    expire_at(over + NOTICE + SECOND)
    assert desk.now(row).status == VoicemailStatus.EXPIRED


def test_lifted_in_good_time_it_keeps_its_day(desk, row, hold, lift):
    last = desk.now(row).expires_at

    lift(hold(row), at=last - 31 * DAY)

    assert desk.now(row).expires_at == last


@pytest.mark.parametrize("first", ["all", "one"])
def test_one_hold_of_two_keeps_it(desk, row, hold, lift, first):
    on_one, on_all = hold(row), hold()

    lift({"one": on_one, "all": on_all}[first])
    between = desk.now(row).held
    lift({"one": on_all, "all": on_one}[first])

    assert (between, desk.now(row).held) == (True, False)


def test_the_end_of_one_on_all_frees_the_others(desk, row, hold, lift):
    other = desk.voicemail(store=desk.services.store, due_at=None)
    hold(row)

    lift(hold())

    assert (desk.now(row).held, desk.now(other).held) == (True, False)


def test_another_tier_changes_nothing_of_it(desk, row, hold):
    hold(row)
    with desk.services.sessions.begin() as session:
        business = session.get_one(Business, row.business_id)
        voicemails.change_tier(session, business, AccountTier.ENTERPRISE, by=OPERATOR, at=AT)

    upkeep.retag()

    assert tag_of(desk, row) == {"tier": "hold"}


def test_a_second_hold_on_the_same_is_refused(row, hold):
    hold(row)

    with pytest.raises(UserError, match="already"):
        hold(row)


def test_what_was_lifted_is_not_lifted_again(row, hold, lift):
    placed = hold(row)
    lift(placed)

    with pytest.raises(UserError, match="lifted already"):
        lift(placed)


@pytest.mark.parametrize("reason", ["", " \u200b\n "])
def test_a_hold_needs_a_reason(row, hold, reason):
    with pytest.raises(UserError, match="why"):
        hold(row, reason=reason)


@pytest.mark.parametrize(
    ("role", "on_all", "may"),
    [(Role.AGENT, False, False), (Role.ADMIN, False, True), (Role.ADMIN, True, False)],
)
def test_admins_hold_requests_and_owners_everything(desk, row, hold, lift, role, on_all, may):
    placed = hold(None if on_all else row)
    with desk.services.sessions.begin() as session:
        adam = make_user(session, "Adam Abel")
        make_member(session, session.get_one(Business, desk.code.business_id), adam, role)

    if may:
        lift(placed, by=adam)
    else:
        with pytest.raises(UserError):
            lift(placed, by=adam)

    assert desk.now(row).held is not may


def test_another_businesss_hold_is_not_there(desk, row, hold):
    placed = hold(row)
    with desk.services.sessions.begin() as session:
        charlie = make_user(session, "Charlie Chen")
        bolt = Business(name="Bolt", tier=AccountTier.TRIAL, opened_at=AT)
        session.add(bolt)
        session.flush()
        make_member(session, bolt, charlie)
        with pytest.raises(NotFoundError):
            holds.lift(session, bolt.id, placed.id, by=charlie, at=AT)


def test_placed_and_lifted_it_stands_in_the_trail_without_its_reason(desk, row, hold, lift):
    lift(hold(row))

    trail = sorted(desk.rows(AuditEntry), key=lambda each: each.sequence)
    entries = [each for each in trail if each.action.startswith("hold.")]
    assert [each.action for each in entries] == ["hold.placed", "hold.lifted"]
    assert not [each for each in entries if "Moreno" in each.facts]
    (kept,) = desk.rows(LegalHold)
    assert (kept.reason, kept.lifted_at) == (REASON, AT)


def test_what_only_a_hold_keeps_is_counted(desk, row, hold):
    hold(row)
    last = desk.now(row).expires_at

    with desk.services.sessions() as session:
        counts = [holds.count_overdue(session, row.business_id, at) for at in (last, last + SECOND)]

    assert counts == [0, 1]
