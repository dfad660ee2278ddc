"""What a forgotten password and an address of before do, where there are other ways to sign in."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from factories import AT, make_business, make_member, make_user
from sqlalchemy import select

from voiceline import account_links, address_changes, password_resets
from voiceline.errors import UserError
from voiceline.models import (
    AccountLink,
    CodeApp,
    Delivery,
    DeliveryKind,
    Identity,
    LinkPurpose,
    Passkey,
    RecoveryCode,
)

SECRET = "a secret of the tests, of 32 letters"
SAME = object()
"""A code app that was confirmed as it was begun."""


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


def test_codes_that_a_thief_turned_on_are_asked_for_no_more(session, acme, alice):
    keep, later = asked_for(session, alice)
    session.add_all([code_app(alice, later), recovery_code(alice, "abcd", later)])

    address_changes.keep(session, keep, later)

    assert session.scalars(select(CodeApp)).all() == []
    assert session.scalars(select(RecoveryCode)).all() == []


def test_key_that_waited_for_its_first_code_is_not_left_to_the_thief(session, acme, alice):
    keep, later = asked_for(session, alice)
    before = AT - timedelta(days=1)
    session.add(code_app(alice, before, confirmed=None))

    address_changes.keep(session, keep, later)

    assert session.scalars(select(CodeApp)).all() == []


def test_key_of_before_that_the_thief_confirmed_goes_too(session, acme, alice):
    keep, later = asked_for(session, alice)
    session.add(code_app(alice, AT - timedelta(days=1), confirmed=later))

    address_changes.keep(session, keep, later)

    assert session.scalars(select(CodeApp)).all() == []


def test_codes_of_before_stay_and_recovery_codes_made_since_do_not(session, acme, alice):
    before = AT - timedelta(days=1)
    bob = make_user(session, "Bob Baker")
    session.add_all([code_app(alice, before), recovery_code(alice, "used", before)])
    keep, later = asked_for(session, alice)
    session.add_all([recovery_code(alice, "abcd", later), code_app(bob, later)])

    address_changes.keep(session, keep, later)

    assert set(session.scalars(select(CodeApp.user_id))) == {alice.id, bob.id}
    assert session.scalars(select(RecoveryCode.place)).all() == ["used"]


def test_address_of_before_is_told_what_became_of_it(session, acme, alice):
    keep, later = asked_for(session, alice)

    address_changes.keep(session, keep, later)

    told = session.scalars(select(Delivery).filter_by(kind=DeliveryKind.ACCOUNT_CHANGED)).all()
    assert [(each.address, each.facts["what"]) for each in told] == [(alice.email, "address_kept")]


def asked_for(session, user):
    """Answer the link that takes a change of the address back, and a moment after it was sent."""
    asked = AT + timedelta(hours=1)
    address_changes.ask(session, user, "mallory@example.net", secret=SECRET, at=asked)
    keep = session.scalars(select(AccountLink).filter_by(purpose=LinkPurpose.KEEP_ADDRESS)).one()
    return keep, asked + timedelta(hours=1)


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


def code_app(user, at, *, confirmed=SAME):
    at_once = at if confirmed is SAME else confirmed
    return CodeApp(
        user_id=user.id, sealed_key=b"key", confirmed_at=at_once, last_step=0, created_at=at
    )


def recovery_code(user, place, at):
    return RecoveryCode(user_id=user.id, place=place, code_hash="x", created_at=at)
