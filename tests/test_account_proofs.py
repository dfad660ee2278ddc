"""What happens to people and to what callers hear is in the trail, and cannot flood it."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from factories import AT, PASSWORD, make_business, make_code, make_member, make_user, tone
from sqlalchemy import select
from staff import statements

from voiceline import accounts, greetings
from voiceline.accounts import Refusal
from voiceline.models import ActorKind, AuditEntry, Role

NEW_PASSWORD = "another horse battery staple"


class TestRefusedSignIn:
    def test_wrong_password_is_an_entry_of_each_business(self, session, acme, alice):
        bolt = make_business(session, "Bolt Bikes")
        for business in (acme, bolt):
            make_member(session, business, alice)

        refused = _sign_in(session, "wrong password")

        found = _entries(session)
        assert refused is Refusal.WRONG
        assert {entry.business_id for entry in found} == {acme.id, bolt.id}
        assert {entry.action for entry in found} == {"person.sign_in_refused"}
        assert {(entry.subject_id, entry.actor_kind) for entry in found} == {
            (alice.id, ActorKind.SYSTEM)
        }

    def test_many_tries_make_one_entry_an_hour(self, session, acme, alice):
        make_member(session, acme, alice)

        for minutes in (0, 10, 59, 61, 70):
            _sign_in(session, "wrong password", at=AT + timedelta(minutes=minutes))

        assert [entry.at for entry in _entries(session)] == [AT, AT + timedelta(minutes=61)]

    def test_right_password_of_a_disabled_person_is_refused_too(self, session, acme, alice):
        make_member(session, acme, alice)
        alice.disabled_at = AT

        _sign_in(session, PASSWORD)

        assert [entry.action for entry in _entries(session)] == ["person.sign_in_refused"]

    def test_nobodys_address_is_no_entry_and_costs_the_same(self, session, acme, alice):
        make_member(session, acme, alice)
        _sign_in(session, "wrong password")

        with statements(session.get_bind()) as known:
            _sign_in(session, "wrong password")
        with statements(session.get_bind()) as unknown:
            _sign_in(session, "wrong password", email="nobody@example.com")

        assert len(_entries(session)) == 1
        assert known == unknown


def test_new_password_is_an_entry(session, acme, alice):
    make_member(session, acme, alice)

    accounts.set_password(session, alice, NEW_PASSWORD, AT)

    (entry,) = _entries(session)
    assert (entry.action, entry.actor_id) == ("person.password_changed", alice.id)
    assert entry.facts == "{}"


def test_new_member_is_an_entry_with_the_role(session, acme, alice):
    accounts.add_member(session, acme, alice, Role.AGENT, AT)

    (entry,) = _entries(session)
    assert (entry.action, entry.subject_id) == ("person.joined", alice.id)
    assert (entry.actor_kind, entry.facts) == (ActorKind.OPERATOR, '{"role":"agent"}')


@pytest.mark.parametrize("form", ["text", "audio"])
def test_new_greeting_is_an_entry_with_its_hash(session, acme, form):
    code = make_code(session, acme)
    said = "Welcome to Acme." if form == "text" else tone()

    greetings.set_greeting(session, code, language="es", at=AT, **{form: said})

    (entry,) = _entries(session)
    assert (entry.action, entry.subject_id) == ("code.greeting_set", code.id)
    assert json.loads(entry.facts) == {
        "code": code.code,
        "language": "es",
        "version": 1,
        "form": form,
        "sha256": sha256(said.encode() if form == "text" else said).hexdigest(),
    }


def _sign_in(session, password, *, email="alice@example.com", at=AT):
    session.flush()
    facts = {"address": "10.0.0.1", "secret": "s" * 32, "at": at}
    return accounts.sign_in(session, email, password, **facts)


def _entries(session):
    session.flush()
    return session.scalars(select(AuditEntry).order_by(AuditEntry.at)).all()


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")
