from __future__ import annotations

from datetime import timedelta

import pytest

from voiceline.accounts import Refusal, sign_in
from voiceline.audit.reading import entries_of
from voiceline.businesses import find_business
from voiceline.commands.context import now
from voiceline.errors import NotFoundError, UserError
from voiceline.models import ActorKind
from voiceline.rules.lifecycle import BusinessStatus
from voiceline.rules.retention import AccountTier


def test_added_business_is_listed_with_its_code(run):
    added = run("business", "add", "Acme Shoes", "--code", "4021", "--tier", "small_medium")

    listed = run("business", "list")

    assert added.exit_code == listed.exit_code == 0
    assert "Acme Shoes" in listed.output
    assert "4021" in listed.output


def test_code_that_callers_need_for_help_is_refused_with_the_reason(run):
    refused = run("business", "add", "Acme Shoes", "--code", "0911")

    assert isinstance(refused.exception, UserError)
    assert "callers key 0 for help" in str(refused.exception)


def test_refused_code_leaves_no_business_behind(run):
    run("business", "add", "Acme Shoes", "--code", "0911")

    assert "Acme Shoes" not in run("business", "list").output


def test_taken_code_is_refused(run):
    run("business", "add", "Acme Shoes", "--code", "4021")

    refused = run("business", "add", "Bluebird", "--code", "4021")

    assert "taken" in str(refused.exception)


def test_time_zone_on_mars_is_refused(run):
    refused = run("business", "add", "Acme", "--time-zone", "Mars/Phobos")

    assert "not a time zone" in str(refused.exception)


def test_shorter_retention_asks_first(run, services):
    run("business", "add", "Acme", "--code", "4021", "--tier", "enterprise")

    declined = run("business", "tier", "4021", "small_medium", input="n\n")

    with services.sessions() as session:
        assert find_business(session, "4021").tier == AccountTier.ENTERPRISE
    assert declined.exit_code == 1
    assert "180 days instead of 365" in declined.output


def test_longer_retention_needs_no_question(run, services):
    run("business", "add", "Acme", "--code", "4021", "--tier", "small_medium")

    changed = run("business", "tier", "4021", "enterprise")

    with services.sessions() as session:
        assert find_business(session, "4021").tier == AccountTier.ENTERPRISE
    assert changed.exit_code == 0


def test_suspended_business_can_be_resumed(run, services):
    run("business", "add", "Acme", "--code", "4021")
    run("business", "suspend", "acme")

    run("business", "resume", "4021")

    with services.sessions() as session:
        assert find_business(session, "4021").status == BusinessStatus.ACTIVE


def test_what_the_operator_changed_is_in_the_trail(run, services):
    run("business", "add", "Acme", "--code", "4021", "--tier", "small_medium")
    run("business", "tier", "4021", "enterprise")
    run("business", "suspend", "4021")
    run("business", "resume", "4021")

    with services.sessions() as session:
        acme = find_business(session, "4021")
        found = [shown.entry for shown in entries_of(session, acme.id)][::-1]
    assert [(entry.action, entry.facts) for entry in found] == [
        ("code.assigned", '{"code":"4021"}'),
        (
            "business.tier_changed",
            '{"from":"small_medium","to":"enterprise","voicemails":0}',
        ),
        ("business.suspended", "{}"),
        ("business.resumed", "{}"),
    ]
    assert {entry.actor_kind for entry in found} == {ActorKind.OPERATOR}


def test_trial_is_prolonged_and_ended_and_the_trail_says_so(run, services):
    run("business", "add", "Acme", "--code", "4021", "--trial-days", "3")

    run("business", "trial", "4021", "--days", "60")
    with services.sessions() as session:
        prolonged = find_business(session, "4021").trial_ends_at
    run("business", "trial", "4021", "--end")

    with services.sessions() as session:
        acme = find_business(session, "4021")
        deeds = [shown.entry.action for shown in entries_of(session, acme.id)]
    assert prolonged > now() + timedelta(days=59)
    assert not acme.answers(now())
    assert deeds.count("business.trial_set") == 2


@pytest.mark.parametrize("options", [(), ("--days", "3", "--end")])
def test_trial_needs_one_date(run, options):
    run("business", "add", "Acme", "--code", "4021")

    assert isinstance(run("business", "trial", "4021", *options).exception, UserError)


def test_account_that_is_no_trial_has_no_end(run):
    run("business", "add", "Acme", "--code", "4021", "--tier", "enterprise")

    assert isinstance(run("business", "trial", "4021", "--end").exception, UserError)


def test_change_that_was_declined_is_not_in_the_trail(run, services):
    run("business", "add", "Acme", "--code", "4021", "--tier", "enterprise")

    run("business", "tier", "4021", "small_medium", input="n\n")

    with services.sessions() as session:
        found = entries_of(session, find_business(session, "4021").id)
    assert [shown.entry.action for shown in found] == ["code.assigned"]


def test_unknown_business_is_answered_with_advice(run):
    refused = run("business", "tier", "nobody", "enterprise")

    assert isinstance(refused.exception, NotFoundError)
    assert "business list" in str(refused.exception)


def test_printed_password_signs_in(run, services):
    run("business", "add", "Acme", "--code", "4021")

    added = run("user", "add", "alice@acme.example", "--business", "4021")

    password = added.output.strip().splitlines()[-1]
    with services.sessions() as session:
        token = sign_in(
            session,
            "alice@acme.example",
            password,
            address="127.0.0.1",
            secret="s",
            at=now(),
        )
    assert isinstance(token, str)
    assert not isinstance(token, Refusal)
