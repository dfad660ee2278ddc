"""What a forgotten password and an address of before do, where there are other ways to sign in."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_business, make_member, make_user
from sqlalchemy import select

from voiceline import account_links, address_changes, password_resets
from voiceline.errors import UserError
from voiceline.models import AccountLink, Identity, LinkPurpose, Passkey

SECRET = "a secret of the tests, of 32 letters"


def test_nobody_resets_a_password_that_would_open_nothing(session, acme, alice):
    make_member(session, acme, alice)
    link = account_links.draw_link(
        session, LinkPurpose.PASSWORD, alice, alice.email, secret=SECRET, at=AT
    )
    acme.single_sign_on_only = True

    drawn = password_resets.draw(session, alice.email, row_id=uuid4(), secret=SECRET, at=AT)
    with pytest.raises(UserError, match="its own provider"):
        password_resets.choose_password(session, link, "a hash", AT)

    assert drawn is None
    assert link.used_at is None
    assert alice.password_hash != "a hash"


def test_password_is_reset_where_one_business_lets_it_open_something(session, acme, alice):
    make_member(session, acme, alice)
    make_member(session, make_business(session, "Bolt Bikes"), alice)
    acme.single_sign_on_only = True

    drawn = password_resets.draw(session, alice.email, row_id=uuid4(), secret=SECRET, at=AT)

    assert drawn is not None


def test_taking_an_address_back_ends_the_ways_that_were_added_meanwhile(session, acme, alice):
    make_member(session, acme, alice)
    session.add_all([passkey(alice, "old", AT - timedelta(days=1)), identity(alice, "old", AT)])
    asked = AT + timedelta(hours=1)
    address_changes.ask(session, alice, "mallory@example.net", secret=SECRET, at=asked)
    keep = session.scalars(select(AccountLink)).all()
    (keep,) = [link for link in keep if link.purpose == LinkPurpose.KEEP_ADDRESS]
    later = asked + timedelta(hours=1)
    session.add_all([passkey(alice, "new", later), identity(alice, "new", later)])

    address_changes.keep(session, keep, later)

    assert session.scalars(select(Passkey.name)).all() == ["old"]
    assert session.scalars(select(Identity.subject)).all() == ["old"]
    assert alice.password_hash is None


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


def passkey(user, name, at):
    return Passkey(
        user_id=user.id,
        name=name,
        credential_id=name,
        public_key=b"key",
        sign_count=0,
        created_at=at,
    )


def identity(user, subject, at):
    return Identity(
        user_id=user.id, issuer="https://accounts.example", subject=subject, created_at=at
    )
