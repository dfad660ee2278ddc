"""An enterprise's own bucket: named, proven under a strict AWS, connected, disconnected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import factories
import pytest
from factories import AT, make_business, make_member, make_user
from fakes.aws import Bucket, Role, archive_sessions, fake_aws, refusal
from sqlalchemy import select

from voiceline import archive
from voiceline.archive_proofs import NAMES, PROBE, PROBE_TEXT, prove
from voiceline.errors import NotFoundError, TemporaryFailure, UserError
from voiceline.models import ArchiveState, AuditEntry
from voiceline.models import Role as TeamRole
from voiceline.rules.archive import Destination, permission_policy, trust_policy
from voiceline.rules.retention import AccountTier

OURS, THEIRS = "111111111111", "222222222222"
TO = Destination(f"arn:aws:iam::{THEIRS}:role/VoicelineArchive", "acme", "us-west-2", "voice/", "")
LATER = AT + timedelta(hours=1)


@pytest.fixture
def acme(session):
    return make_business(session, tier=AccountTier.ENTERPRISE)


@pytest.fixture
def alice(session, acme):
    made = make_user(session)
    make_member(session, acme, made)
    return made


@pytest.fixture
def named(session, acme, alice):
    return archive.name_place(session, acme.id, TO, by=alice, at=AT)


@pytest.fixture
def aws(named):
    """AWS where the owner did all that the page says."""
    with fake_aws(OURS) as made:
        trust = trust_policy(OURS, named.external_id)
        made.roles[TO.role_arn] = Role(trust, permission_policy(TO))
        made.buckets[TO.bucket] = Bucket(THEIRS, TO.region)
        yield made


@pytest.fixture
def proven(aws, named):
    """Test the destination as AWS is now."""
    archives = archive_sessions(aws)
    return lambda: prove(archives, archive.place_of(named), named.external_id)


def held(proofs):
    return [each.held for each in proofs]


def deeds(session):
    query = select(AuditEntry.action).where(AuditEntry.action.startswith("archive."))
    return session.scalars(query.order_by(AuditEntry.sequence)).all()


def test_where_everything_is_right_all_is_proven_and_only_the_probe_is_there(aws, proven):
    proofs = proven()

    assert [each.name for each in proofs] == list(NAMES)
    assert held(proofs) == [True] * 6
    assert aws.buckets["acme"].objects == {f"voice/{PROBE}": PROBE_TEXT}


def test_a_role_that_trusts_us_without_an_external_id_is_not_accepted(aws, proven):
    del aws.roles[TO.role_arn].trust["Statement"][0]["Condition"]

    proofs = proven()

    assert held(proofs) == [True, False, None, None, None, None]
    assert "trust policy" in proofs[1].said
    assert aws.buckets["acme"].objects == {}


def test_a_role_of_another_external_id_gives_no_session(aws, proven):
    aws.roles[TO.role_arn].trust = trust_policy(OURS, "voiceline-of-somebody-else")

    proofs = proven()

    assert held(proofs) == [False, None, None, None, None, None]
    assert "compare the role's policies" in proofs[0].said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda aws: setattr(aws.buckets["acme"], "owner", "333333333333"), "access is denied"),
        (lambda aws: setattr(aws.buckets["acme"], "region", "eu-west-1"), "another region"),
        (lambda aws: aws.buckets.clear(), "no such bucket"),
        (lambda aws: setattr(aws.buckets["acme"], "encrypts", False), "did not encrypt"),
        (
            lambda aws: setattr(
                aws.roles[TO.role_arn], "permissions", permission_policy(replace(TO, prefix="x/"))
            ),
            "access is denied",
        ),
        (
            lambda aws: setattr(
                aws,
                "trouble",
                lambda action: (
                    refusal(400, "KMS.DisabledException") if action == "PutObject" else None
                ),
            ),
            "switched off",
        ),
    ],
)
def test_what_stops_the_put_is_said_in_words(aws, proven, change, said):
    change(aws)

    proofs = proven()

    assert held(proofs) == [True, True, True, False, None, None]
    assert said in proofs[3].said


def test_where_aws_does_not_answer_nothing_is_proven_either_way(aws, proven):
    aws.trouble = lambda _action: refusal(503, "ServiceUnavailable")

    with pytest.raises(TemporaryFailure):
        proven()


def test_a_test_asks_the_role_of_now_and_not_a_session_of_before(aws, proven):
    assert held(proven()) == [True] * 6
    aws.roles[TO.role_arn].trust = trust_policy("333333333333", "other")

    assert proven()[0].held is False


def test_what_is_proven_is_connected_and_each_deed_is_in_the_trail(
    session, acme, alice, named, proven
):
    row = archive.note_proofs(session, acme.id, named.version, proven(), by=alice, at=LATER)

    assert (row.state, row.connected_at, row.proven_at) == (ArchiveState.CONNECTED, LATER, LATER)
    assert [each["held"] for each in row.proofs] == [True] * 6
    assert deeds(session) == ["archive.named", "archive.connected"]


def test_a_test_that_fails_later_takes_the_connection_away(
    session, acme, alice, named, aws, proven
):
    archive.note_proofs(session, acme.id, named.version, proven(), by=alice, at=AT)
    del aws.roles[TO.role_arn].trust["Statement"][0]["Condition"]

    row = archive.note_proofs(session, acme.id, named.version, proven(), by=alice, at=LATER)

    assert (row.state, row.disconnected_at) == (ArchiveState.DRAFT, LATER)
    assert deeds(session)[-1] == "archive.disconnected"


def test_a_proof_of_what_was_typed_before_connects_nothing(session, acme, alice, named, proven):
    version, proofs = named.version, proven()
    changed = archive.name_place(session, acme.id, replace(TO, bucket="other"), by=alice, at=LATER)

    with pytest.raises(UserError, match="changed while it was tested"):
        archive.note_proofs(session, acme.id, version, proofs, by=alice, at=LATER)

    assert (changed.state, changed.proofs) == (ArchiveState.DRAFT, [])


def test_no_proofs_connect_nothing(session, acme, alice, named):
    row = archive.note_proofs(session, acme.id, named.version, (), by=alice, at=LATER)

    assert row.state is ArchiveState.DRAFT


def test_a_disconnection_during_a_test_wins(session, acme, alice, named, proven):
    version, proofs = named.version, proven()
    archive.disconnect(session, acme.id, by=alice, at=LATER)

    with pytest.raises(UserError):
        archive.note_proofs(session, acme.id, version, proofs, by=alice, at=LATER)

    assert named.state is ArchiveState.DISCONNECTED


def test_the_external_id_outlives_every_change_and_is_each_businesss_own(
    session, acme, alice, named
):
    first = named.external_id
    other = make_business(session, "Bluebird Books", tier=AccountTier.ENTERPRISE)
    make_member(session, other, alice)

    archive.disconnect(session, acme.id, by=alice, at=AT)
    again = archive.name_place(session, acme.id, replace(TO, bucket="new"), by=alice, at=LATER)
    theirs = archive.name_place(session, other.id, TO, by=alice, at=LATER)

    assert (again.id, again.external_id) == (named.id, first)
    assert theirs.external_id != first


def test_nothing_is_disconnected_twice_and_nothing_where_nothing_was(session, acme, alice, named):
    archive.disconnect(session, acme.id, by=alice, at=AT)

    with pytest.raises(UserError, match="No bucket"):
        archive.disconnect(session, acme.id, by=alice, at=LATER)


@pytest.mark.parametrize("tier", [AccountTier.TRIAL, AccountTier.SMALL_MEDIUM])
def test_a_lower_plan_names_and_connects_nothing_but_may_disconnect(
    session, acme, alice, named, proven, tier
):
    row = archive.note_proofs(session, acme.id, named.version, proven(), by=alice, at=AT)
    assert archive.may_copy(row, acme)
    acme.tier = tier
    session.flush()

    assert not archive.may_copy(row, acme)
    with pytest.raises(UserError, match="enterprise plan"):
        archive.name_place(session, acme.id, TO, by=alice, at=LATER)
    with pytest.raises(UserError, match="enterprise plan"):
        archive.note_proofs(session, acme.id, row.version, (), by=alice, at=LATER)
    archive.disconnect(session, acme.id, by=alice, at=LATER)
    assert row.state is ArchiveState.DISCONNECTED


@pytest.mark.parametrize("role", [TeamRole.ADMIN, TeamRole.VIEWER])
def test_only_an_owner_decides_where_copies_go(session, acme, named, role):
    bob = make_user(session, "Bob Brown")
    make_member(session, acme, bob, role)

    with pytest.raises(UserError, match="owner"):
        archive.name_place(session, acme.id, TO, by=bob, at=LATER)
    with pytest.raises(UserError, match="owner"):
        archive.note_proofs(session, acme.id, named.version, (), by=bob, at=LATER)
    with pytest.raises(UserError, match="owner"):
        archive.disconnect(session, acme.id, by=bob, at=LATER)


def test_to_charlie_of_another_business_there_is_none(session, acme, named):
    charlie = factories.make_user(session, "Charlie Chen")

    with pytest.raises(NotFoundError):
        archive.disconnect(session, acme.id, by=charlie, at=LATER)
