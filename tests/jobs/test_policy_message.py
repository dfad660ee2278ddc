"""The mail that tells owners of a new privacy policy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from factories import make_member, make_user
from mailed import mails_to

from voiceline.models import Business, Membership, PolicyVersion
from voiceline.policies import publish

NOW = datetime.now(UTC)


@pytest.fixture
def announced(desk):
    with desk.services.sessions.begin() as session:
        make_member(session, session.get_one(Business, desk.code.business_id), make_user(session))
        version = PolicyVersion(
            name="2040-02-01",
            address="https://voiceline.example/privacy/2040",
            effective_at=datetime(2040, 2, 1, tzinfo=UTC),
            material=True,
            published_at=NOW,
        )
        publish(session, version, NOW)


def test_it_says_from_when_on_and_where_the_text_is(desk, announced):
    (mail,) = mails_to(desk.services, "alice@example.com")

    assert mail["Subject"] == "Our privacy policy changes on 1 February 2040"
    assert "https://voiceline.example/privacy/2040" in mail.get_content()
    assert "goes by the policy that was in force then" in mail.get_content()


def test_who_left_meanwhile_is_not_told(desk, announced):
    with desk.services.sessions.begin() as session:
        session.query(Membership).delete()

    assert mails_to(desk.services, "alice@example.com") == []
