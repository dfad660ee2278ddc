"""Versions of the privacy policy: which one governs what, and who is told of a new one (L114)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_business, make_call, make_code, make_member, make_user
from sqlalchemy import select

from voiceline import businesses
from voiceline.businesses import open_operator
from voiceline.errors import UserError
from voiceline.filing import file_request
from voiceline.models import AuditEntry, Delivery, DeliveryKind, PolicyVersion, PrivacyRequest, Role
from voiceline.policies import NOTICE, in_force, publish, versions
from voiceline.rules.retention import AccountTier

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def world(session):
    """The operator, and the first version in force since the day before."""
    open_operator(session, name="Voiceline", at=AT)
    publish(session, version("2026-01-01", AT - DAY), AT)
    return session


class TestWhatItGoverns:
    def test_l114_a_request_keeps_the_version_of_when_it_was_received(self, world):
        publish(world, version("2026-12-01", AT + 40 * DAY), AT)
        code = make_code(world, make_business(world))

        before = _request(world, code, AT + 40 * DAY - SECOND, filed_at=AT + 50 * DAY)
        after = _request(world, code, AT + 40 * DAY, filed_at=AT + 50 * DAY)

        assert (before.policy_version, after.policy_version) == ("2026-01-01", "2026-12-01")

    def test_l114_an_old_request_shows_the_old_version_after_a_new_one(self, world):
        old = _request(world, make_code(world, make_business(world)), AT, filed_at=AT)

        publish(world, version("2026-12-01", AT + 40 * DAY), AT)
        world.expire_all()

        assert old.policy_version == "2026-01-01"

    def test_an_account_keeps_the_version_it_was_opened_under(self, world):
        opened = businesses.open_business(
            world, name="Acme Shoes", tier=AccountTier.SMALL_MEDIUM, at=AT
        )

        assert opened.policy_version == "2026-01-01"

    def test_before_the_first_one_there_is_none(self, world):
        code = make_code(world, make_business(world))

        assert in_force(world, AT - 2 * DAY) is None
        assert _request(world, code, AT - 2 * DAY, filed_at=AT).policy_version is None


class TestAMaterialChange:
    def test_l114_owners_of_every_open_account_are_told_once_each(self, world):
        acme, charlies = make_business(world), make_business(world, "Charlie's Chairs")
        closed = make_business(world, "Gone")
        closed.close()
        alice, bob = make_user(world), make_user(world, "Bob Baker")
        charlie = make_user(world, "Charlie Cox")
        make_member(world, acme, alice)
        make_member(world, acme, bob, Role.ADMIN)
        make_member(world, charlies, charlie)
        make_member(world, closed, bob)

        told = publish(world, version("2026-12-01", AT + NOTICE, material=True), AT)

        assert told == 3  # the operator's own, too
        assert _mailed(world) == {(acme.id, alice.email), (charlies.id, charlie.email)}

    def test_it_is_told_thirty_days_before_and_no_later(self, world):
        with pytest.raises(UserError, match="told 30 days before"):
            publish(world, version("2026-12-01", AT + NOTICE - SECOND, material=True), AT)

        assert [each.name for each in versions(world)] == ["2026-01-01"]

    def test_another_change_is_told_to_nobody(self, world):
        make_member(world, make_business(world), make_user(world))

        told = publish(world, version("2026-12-01", AT + DAY), AT)

        assert told == 0
        assert _mailed(world) == set()


class TestPublishing:
    def test_it_is_in_the_operators_trail(self, world):
        publish(world, version("2026-12-01", AT + NOTICE, material=True), AT)

        entries = select(AuditEntry.facts).where(AuditEntry.action == "policy.published")
        assert sorted(world.scalars(entries)) == [
            '{"accounts":0,"material":false,"policy":"2026-01-01"}',
            '{"accounts":1,"material":true,"policy":"2026-12-01"}',
        ]

    @pytest.mark.parametrize("name", ["", " ", "a b", "../etc", "ü", "x" * 41, "-1"])
    def test_a_name_that_is_none_is_refused(self, world, name):
        with pytest.raises(UserError, match="Name a version"):
            publish(world, version(name, AT + DAY), AT)

    @pytest.mark.parametrize(
        "address",
        ["", "example.com", "http://example.com", "javascript:alert(1)", "https://" + "x" * 500],
    )
    def test_an_address_that_is_none_is_refused(self, world, address):
        with pytest.raises(UserError, match="begins with https"):
            publish(world, version("2026-12-01", AT + DAY, address=address), AT)

    def test_a_version_never_changes(self, world):
        with pytest.raises(UserError, match="versions do not change"):
            publish(world, version("2026-01-01", AT + DAY), AT)

    @pytest.mark.parametrize("before", [timedelta(), DAY])
    def test_none_begins_before_one_that_is_there(self, world, before):
        with pytest.raises(UserError, match="must begin after"):
            publish(world, version("2025-12-01", AT - DAY - before), AT)


def version(name, at, *, material=False, address="https://voiceline.example/privacy/1"):
    return PolicyVersion(
        name=name, address=address, effective_at=at, material=material, published_at=AT
    )


def _request(session, code, received_at, *, filed_at):
    call = make_call(session, code, started_at=received_at)
    made = file_request(session, call, received_at=received_at, at=filed_at)
    return session.get_one(PrivacyRequest, made)


def _mailed(session):
    mails = select(Delivery).where(Delivery.kind == DeliveryKind.POLICY_CHANGED)
    return {(each.business_id, each.address) for each in session.scalars(mails)}
