"""The page of an enterprise's own bucket: what it shows, and what its owner presses."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from archives import OURS, THEIRS, TO
from factories import AT, make_member, make_user
from fakes.aws import Bucket, archive_sessions, fake_aws, refusal
from fakes.aws import Role as AwsRole
from mailed import send
from sqlalchemy import select
from staff import signed_in

from voiceline.login_sessions import CONFIRMED_FOR
from voiceline.models import ArchiveCopy, ArchiveDestination, ArchiveState, Business, Role
from voiceline.rules.archive import permission_policy, trust_policy
from voiceline.rules.retention import AccountTier

TYPED = {
    "role_arn": TO.role_arn,
    "bucket": TO.bucket,
    "region": TO.region,
    "prefix": "voice",
    "kms_key": "",
}


@pytest.fixture
def page(world):
    return f"/businesses/{world.acme.id}/archive"


@pytest.fixture
def aws(services):
    with fake_aws(OURS) as made:
        offer(services, OURS)
        object.__setattr__(services, "archives", archive_sessions(made))
        made.buckets[TO.bucket] = Bucket(THEIRS, TO.region)
        yield made


def offer(services, account):
    settings = services.settings.model_copy(update={"archive_account": account})
    object.__setattr__(services, "settings", settings)


@pytest.fixture
def enterprise(services, world, aws):
    change_tier(services, world, AccountTier.ENTERPRISE)


def change_tier(services, world, tier):
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).tier = tier


def destination(services):
    with services.sessions() as session:
        return session.scalars(select(ArchiveDestination)).one_or_none()


def named(alice, page, services, aws):
    """Name the bucket on the page, and make the role that it shows."""
    send(alice, page, **TYPED)
    trust = trust_policy(OURS, destination(services).external_id)
    aws.roles[TO.role_arn] = AwsRole(trust, permission_policy(TO))


def test_a_lower_plan_is_told_what_it_is_and_offered_nothing(alice, page, aws, services):
    shown = alice.get(page).text
    answer = send(alice, page, **TYPED)

    assert "This needs the enterprise plan" in shown
    assert 'name="bucket"' not in shown
    assert answer.status_code == 422
    assert "enterprise plan" in answer.text
    assert destination(services) is None


def test_where_the_operator_copies_nowhere_it_says_so(alice, page, services, enterprise):
    offer(services, "")

    shown = alice.get(page).text

    assert "has not set this up" in shown
    assert 'name="bucket"' not in shown


def test_named_set_up_tested_and_connected(alice, page, services, aws, enterprise):
    answer = send(alice, page, **TYPED)
    shown = alice.get(answer.location).text
    row = destination(services)
    aws.roles[TO.role_arn] = AwsRole(trust_policy(OURS, row.external_id), permission_policy(TO))
    tested = alice.get(send(alice, page, f"{page}/test").location).text

    assert "Not connected yet" in shown
    assert row.external_id in shown
    assert "s3:PutObject" in shown
    assert "the copies begin within minutes" in tested
    assert tested.count("Holds</span>") == 6
    assert "0 of 1 voicemail is there; 1 to go." in tested
    assert destination(services).state is ArchiveState.CONNECTED


def test_d27_what_is_named_and_not_tested_gets_nothing(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)

    row = destination(services)

    assert (row.state, row.due_at, row.wanted_since) == (ArchiveState.DRAFT, None, None)
    assert aws.seen == []


def test_the_template_is_what_makes_the_role(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)

    answer = alice.get(f"{page}/role.json")

    made = json.loads(answer.text)["Resources"]["Role"]["Properties"]
    assert answer.headers["Content-Disposition"].endswith('"voiceline-role.json"')
    assert made["AssumeRolePolicyDocument"] == aws.roles[TO.role_arn].trust
    assert made["Policies"][0]["PolicyDocument"] == aws.roles[TO.role_arn].permissions


def test_there_is_no_template_and_no_test_of_nothing(alice, page, enterprise):
    assert alice.get(f"{page}/role.json").location == page
    assert send(alice, page, f"{page}/test").status_code == 404


def test_d27_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    alice, page, services, enterprise
):
    answer = send(alice, page, **TYPED | {"bucket": "s3://acme", "region": "Oregon"})

    assert answer.status_code == 422
    assert "without s3://" in answer.text
    assert "as AWS writes it, such as us-east-1" in answer.text
    assert 'value="s3://acme"' in answer.text
    assert destination(services) is None


def test_a_test_that_fails_says_what_to_change(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)
    del aws.roles[TO.role_arn].trust["Statement"][0]["Condition"]

    shown = alice.get(send(alice, page, f"{page}/test").location).text

    assert "Does not hold" in shown
    assert "paste its trust policy anew" in shown
    assert destination(services).state is ArchiveState.DRAFT


def test_an_aws_that_does_not_answer_changes_nothing(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)
    aws.trouble = lambda _action: refusal(503, "ServiceUnavailable")

    answer = send(alice, page, f"{page}/test")

    assert answer.status_code == 503
    assert "AWS did not answer" in answer.text
    assert destination(services).proofs == []


def test_an_aws_that_does_not_know_the_operator_is_not_the_owners_to_mend(
    alice, page, services, aws, enterprise
):
    named(alice, page, services, aws)
    aws.access_key = "AKIAOFNOWADAYS"

    answer = send(alice, page, f"{page}/test")

    assert answer.status_code == 503
    assert "does not know the operator" in answer.text
    assert destination(services).proofs == []


def test_progress_and_what_fails_are_shown(alice, page, services, world, aws, enterprise):
    named(alice, page, services, aws)
    send(alice, page, f"{page}/test")
    with services.sessions.begin() as session:
        row = session.scalars(select(ArchiveDestination)).one()
        row.failing_since, row.last_error = AT - timedelta(hours=2), "there is no such bucket"
        facts = {"business_id": world.acme.id, "voicemail_id": world.voicemail.id}
        session.add(ArchiveCopy(**facts, archived_at=AT, place="acme/voice/"))

    shown = alice.get(page).text

    assert "1 of 1 voicemail is there." in shown
    assert "Nothing could be copied since" in shown
    assert "there is no such bucket" in shown


def test_disconnected_it_is_off_and_the_external_id_stays(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)
    send(alice, page, f"{page}/test")
    before = destination(services)

    shown = alice.get(send(alice, page, f"{page}/disconnect").location).text

    after = destination(services)
    assert "Nothing more is sent" in shown
    assert ">Off</h2>" in shown
    assert (after.state, after.wanted_since) == (ArchiveState.DISCONNECTED, None)
    assert after.external_id == before.external_id
    assert send(alice, page, f"{page}/disconnect").status_code == 422


def test_a_downgraded_business_can_still_disconnect(alice, page, services, world, aws, enterprise):
    named(alice, page, services, aws)
    send(alice, page, f"{page}/test")
    change_tier(services, world, AccountTier.SMALL_MEDIUM)

    shown, answer = alice.get(page).text, send(alice, page, f"{page}/test")
    send(alice, page, f"{page}/disconnect")

    assert "This needs the enterprise plan" in shown
    assert answer.status_code == 404
    assert destination(services).state is ArchiveState.DISCONNECTED


def test_whether_voicemails_wait_for_their_copy_is_chosen(alice, page, services, aws, enterprise):
    named(alice, page, services, aws)

    send(alice, page, f"{page}/waiting")
    off = destination(services).holds_back
    send(alice, page, f"{page}/waiting", waits="yes")

    assert (off, destination(services).holds_back) == (False, True)


def test_what_was_typed_waits_for_the_proof_of_presence(alice, page, services, clock, enterprise):
    clock.wait(CONFIRMED_FOR + timedelta(seconds=1))

    answer = send(alice, page, **TYPED)

    assert "/confirm" in answer.location
    assert destination(services) is None


def test_an_admin_sees_nothing_of_it(app, page, services, world, enterprise):
    with services.sessions.begin() as session:
        adam = make_user(session, "Adam Abel")
        make_member(session, session.merge(world.acme), adam, Role.ADMIN)
    client = signed_in(app, adam)

    assert client.get(page).status_code == 403
    assert f'href="{page}"' not in client.get(f"/businesses/{world.acme.id}/settings").text
