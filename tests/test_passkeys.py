"""Passkeys, with a key made of `cryptography` in the browser's place."""

from __future__ import annotations

import json

import pytest
from factories import AT, make_business, make_member, make_user
from fakes.authenticator import PRESENT, Authenticator, packed
from sqlalchemy import select

from voiceline import passkeys
from voiceline.errors import NotFoundError, UserError
from voiceline.login_sessions import find_session, open_session
from voiceline.models import AuditEntry, LoginSession
from voiceline.passkeys import Site

SITE = Site("localhost", "http://localhost:5081")


def test_key_signs_its_person_in(session, alice, key):
    options, challenge = passkeys.options_to_prove(SITE)

    assert check(session, key.get(options), challenge) == alice


def test_answer_to_another_challenge_proves_nothing(session, key):
    options, _ = passkeys.options_to_prove(SITE)
    _, other = passkeys.options_to_prove(SITE)

    assert check(session, key.get(options), other) is None


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://localhost:5082"},
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},
        {"flags": 0},
    ],
)
def test_wrong_origin_wrong_host_and_no_verification_prove_nothing(session, key, lie):
    options, challenge = passkeys.options_to_prove(SITE)
    for name, value in lie.items():
        setattr(key, name, value)

    assert check(session, key.get(options), challenge) is None


def test_signature_of_another_key_proves_nothing(session, key):
    options, challenge = passkeys.options_to_prove(SITE)
    thief = Authenticator(credential_id=key.credential_id, handle=key.handle)

    assert check(session, thief.get(options), challenge) is None


def test_count_that_goes_back_proves_nothing_and_is_in_the_trail(session, key):
    options, challenge = passkeys.options_to_prove(SITE)
    key.count = 40
    assert check(session, key.get(options), challenge)
    key.count = 20

    assert check(session, key.get(options), challenge) is None

    assert "person.passkey_copied" in set(session.scalars(select(AuditEntry.action)))


def test_keys_that_do_not_count_work_again_and_again(session, alice, login):
    key = added(session, login, Authenticator())
    for _ in range(2):
        options, challenge = passkeys.options_to_prove(SITE)
        key.count = -1  # synced keys always say 0

        assert check(session, key.get(options), challenge) == alice


def test_key_of_somebody_else_is_no_second_step(session, key):
    bob = make_user(session, "Bob Baker")
    options, challenge = passkeys.options_to_prove(SITE)

    answer = key.get(options)

    assert passkeys.check(session, answer, challenge=challenge, site=SITE, at=AT, user=bob) is None


def test_key_that_names_another_person_proves_nothing(session, key):
    bob = make_user(session, "Bob Baker")
    options, challenge = passkeys.options_to_prove(SITE)

    assert check(session, key.get(options, handle=bob.id.bytes), challenge) is None


def test_disabled_person_is_not_let_in(session, alice, key):
    alice.disabled_at = AT
    options, challenge = passkeys.options_to_prove(SITE)

    assert check(session, key.get(options), challenge) is None


@pytest.mark.parametrize(
    "answer",
    [
        *("", "{}", "[]", "null", "nonsense", "{" * 5000, "x" * 20_000, '{"response": 1}'),
        *('{"id": 5, "response": {}}', '{"id": "ab", "response": {"userHandle": []}}'),
    ],
)
def test_what_no_key_says_proves_nothing(session, key, answer):
    assert check(session, answer, packed(bytes(32))) is None


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", ["", "AA", "!", None, 5, {"a": 1}])
def test_broken_parts_prove_nothing(session, key, part, value):
    options, challenge = passkeys.options_to_prove(SITE)
    answer = json.loads(key.get(options))
    answer["response"][part] = value

    assert check(session, json.dumps(answer), challenge) is None


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"host": "evil.example"}])
def test_key_made_for_another_site_is_not_added(session, login, lie):
    with pytest.raises(UserError, match="nothing was added"):
        added(session, login, Authenticator(**lie))


def test_key_without_verification_is_not_added(session, login):
    with pytest.raises(UserError, match="nothing was added"):
        added(session, login, Authenticator(flags=PRESENT))


def test_same_key_is_added_once(session, login, key):
    with pytest.raises(UserError, match="added before"):
        added(session, login, key)


def test_adding_ends_other_sessions_and_is_told(session, alice, login):
    there = open_session(session, alice, AT)

    added(session, login, Authenticator())

    assert find_session(session, there, AT) is None
    assert session.get(LoginSession, login.id) is not None
    assert "person.passkey_added" in set(session.scalars(select(AuditEntry.action)))


def test_nobody_renames_or_removes_a_foreign_key(session, alice, login, key):
    bob = make_user(session, "Bob Baker")
    theirs = find_session(session, open_session(session, bob, AT), AT)
    (mine,) = passkeys.passkeys_of(session, alice)

    with pytest.raises(NotFoundError):
        passkeys.rename(session, bob, mine.id, "Mine now", AT)
    with pytest.raises(NotFoundError):
        passkeys.remove(session, theirs, mine.id, AT)


def test_removed_key_proves_nothing(session, alice, login, key):
    (mine,) = passkeys.passkeys_of(session, alice)
    passkeys.remove(session, login, mine.id, AT)
    options, challenge = passkeys.options_to_prove(SITE)

    assert check(session, key.get(options), challenge) is None


def check(session, answer, challenge):
    return passkeys.check(session, answer, challenge=challenge, site=SITE, at=AT)


def added(session, login, key):
    options, challenge = passkeys.options_to_add(session, login.user, SITE)
    answer = key.create(options)
    passkeys.add(session, login, answer, challenge=challenge, name=" My key ", site=SITE, at=AT)
    return key


@pytest.fixture
def alice(session):
    user = make_user(session)
    make_member(session, make_business(session), user)
    return user


@pytest.fixture
def login(session, alice):
    return find_session(session, open_session(session, alice, AT), AT)


@pytest.fixture
def key(session, login):
    return added(session, login, Authenticator(count=1))
