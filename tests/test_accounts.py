from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from argon2 import PasswordHasher
from factories import AT, PASSWORD, make_business, make_member, make_user, unknown_id
from sqlalchemy import func, select

from voiceline import accounts, memberships
from voiceline.accounts import TRIES, TRIES_WINDOW, Refusal
from voiceline.errors import NotFoundError, UserError
from voiceline.login_sessions import (
    IDLE,
    LONGEST,
    forget_ended_sessions,
    session_user,
    sign_out,
    sign_out_everywhere,
)
from voiceline.models import Allowance, LoginSession, Role

SECOND = timedelta(seconds=1)


class TestAddUser:
    def test_email_is_kept_in_lower_case(self, session):
        user = accounts.add_user(session, " Alice@Example.COM ", "Alice", PASSWORD, AT)

        assert user.email == "alice@example.com"

    def test_password_is_not_kept(self, session):
        user = accounts.add_user(session, "alice@example.com", "Alice", PASSWORD, AT)

        assert user.password_hash.startswith("$argon2id$")

    def test_name_may_be_missing(self, session):
        user = accounts.add_user(session, "alice@example.com", "  ", PASSWORD, AT)

        assert user.name == "alice@example.com"

    def test_the_same_address_cannot_be_added_twice(self, session):
        accounts.add_user(session, "alice@example.com", "Alice", PASSWORD, AT)

        with pytest.raises(UserError, match="already"):
            accounts.add_user(session, "ALICE@example.com", "Alice", PASSWORD, AT)
        assert session.scalar(select(func.count()).select_from(accounts.User)) == 1

    @pytest.mark.parametrize(
        "email", ["", "alice", "a@b", "a b@example.com", "a@b@example.com", "a\0@example.com"]
    )
    def test_what_is_no_address_is_refused(self, session, email):
        with pytest.raises(UserError, match="e-mail address"):
            accounts.add_user(session, email, "Alice", PASSWORD, AT)

    def test_bad_password_adds_nobody(self, session):
        with pytest.raises(UserError, match="at least 12"):
            accounts.add_user(session, "alice@example.com", "Alice", "short", AT)

        assert session.scalar(select(func.count()).select_from(accounts.User)) == 0


class TestMembers:
    def test_member_has_a_place(self, session, alice, acme):
        make_member(session, acme, alice, Role.ADMIN)

        found = memberships.find_membership(session, alice, acme.id)

        assert (found.role, found.business) == (Role.ADMIN, acme)

    def test_nobody_is_member_twice(self, session, alice, acme):
        make_member(session, acme, alice)

        with pytest.raises(UserError, match="already"):
            accounts.add_member(session, acme, alice, Role.VIEWER, AT)

    @pytest.mark.parametrize("whose", ["another's", "nobody's"])
    def test_other_businesses_are_not_there(self, session, alice, acme, whose):
        make_member(session, acme, alice)
        bolt = make_business(session, "Bolt Bikes")

        with pytest.raises(NotFoundError):
            memberships.find_membership(
                session, alice, bolt.id if whose == "another's" else unknown_id()
            )

    def test_places_are_listed_by_name(self, session, alice, acme):
        bolt = make_business(session, "Bolt Bikes")
        make_member(session, bolt, alice)
        make_member(session, acme, alice)
        make_member(session, bolt, make_user(session, "Charlie Chen"))

        names = [place.business.name for place in memberships.memberships_of(session, alice)]

        assert names == ["Acme Shoes", "Bolt Bikes"]


class TestSignIn:
    def test_right_password_opens_a_session(self, session, alice, sign_in):
        token = sign_in()

        assert session_user(session, token, AT) == alice

    def test_token_is_long_and_not_kept(self, session, sign_in):
        token = sign_in()

        (kept,) = session.scalars(select(LoginSession.token_sha256))
        assert len(token) >= 43
        assert token not in kept

    def test_every_session_has_its_own_token(self, sign_in):
        assert sign_in() != sign_in()

    def test_address_may_be_typed_in_any_case(self, sign_in):
        assert isinstance(sign_in(email=" ALICE@example.com"), str)

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            ("alice@example.com", "wrong"),
            ("alice@example.com", ""),
            ("mallory@example.com", PASSWORD),
            ("", PASSWORD),
            ("alice@example.com\0", PASSWORD),
            ("\ud800@example.com", "\ud800"),
            ("x" * 10_000, PASSWORD),
        ],
    )
    def test_wrong_is_wrong_whatever_is_wrong(self, sign_in, email, password):
        assert sign_in(email=email, password=password) is Refusal.WRONG

    def test_disabled_person_is_refused_like_anybody(self, session, alice, sign_in):
        alice.disabled_at = AT

        assert sign_in() is Refusal.WRONG

    def test_person_without_a_password_is_refused(self, session, alice, sign_in):
        alice.password_hash = None

        assert sign_in() is Refusal.WRONG

    def test_old_hash_is_made_anew(self, session, alice, sign_in):
        weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
        alice.password_hash = weak

        assert isinstance(sign_in(), str)
        session.commit()
        session.refresh(alice)
        assert alice.password_hash != weak
        assert isinstance(sign_in(), str)

    def test_password_changed_meanwhile_opens_nothing(self, services, session, alice, sign_in):
        session.commit()

        def change(*_: object) -> bool:
            with services.sessions.begin() as other:
                changed = other.get_one(accounts.User, alice.id)
                accounts.set_password(other, changed, "quite another one", AT)
            return True

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(accounts, "verify_password", change)
            assert sign_in() is Refusal.WRONG


class TestTries:
    def test_tenth_wrong_try_of_a_person_is_the_last(self, sign_in):
        answers = [sign_in(password="wrong", address=f"10.0.0.{n}") for n in range(TRIES)]

        right = sign_in(address="10.0.1.1")

        assert set(answers) == {Refusal.WRONG}
        assert right is Refusal.TOO_OFTEN

    def test_tenth_wrong_try_from_an_address_is_the_last(self, sign_in):
        for n in range(TRIES):
            sign_in(email=f"guess{n}@example.com", password="wrong")

        assert sign_in() is Refusal.TOO_OFTEN
        assert isinstance(sign_in(address="10.9.9.9"), str)

    def test_five_minutes_later_one_may_try_again(self, sign_in):
        for _ in range(TRIES + 1):
            sign_in(password="wrong")

        assert isinstance(sign_in(at=AT + TRIES_WINDOW), str)

    def test_right_passwords_are_not_counted(self, sign_in):
        for _ in range(2 * TRIES):
            assert isinstance(sign_in(), str)

    def test_one_address_cannot_use_up_everybodys_tries(self, session, sign_in):
        for n in range(3 * TRIES):
            sign_in(email=f"guess{n}@example.com", password="wrong")

        used = session.scalars(
            select(Allowance.used).where(Allowance.key.startswith("sign_in.everybody"))
        ).one()
        assert used == TRIES

    def test_limits_name_nobody(self, session, sign_in):
        sign_in(password="wrong")

        keys = " ".join(session.scalars(select(Allowance.key)))
        assert "alice" not in keys
        assert "10.0.0.1" not in keys

    def test_no_transaction_is_open_while_hashing(self, session, sign_in, monkeypatch):
        seen = []
        monkeypatch.setattr(
            accounts, "verify_password", lambda *_: seen.append(session.in_transaction())
        )

        sign_in()

        assert seen == [False]


class TestSession:
    def test_session_ends_after_half_an_hour_of_rest(self, session, alice, sign_in):
        token = sign_in()

        assert session_user(session, token, AT + IDLE - SECOND) == alice
        assert session_user(session, token, AT + 2 * IDLE) is None

    def test_work_keeps_a_session_alive(self, session, alice, sign_in):
        token = sign_in()
        for minutes in (20, 40, 60):
            session_user(session, token, AT + timedelta(minutes=minutes))

        assert session_user(session, token, AT + timedelta(minutes=80)) == alice

    def test_a_page_that_polls_does_not(self, session, sign_in):
        token = sign_in()
        for minutes in (20, 29):
            session_user(session, token, AT + timedelta(minutes=minutes), active=False)

        assert session_user(session, token, AT + IDLE) is None

    def test_no_session_outlives_twelve_hours(self, session, alice, sign_in):
        token = sign_in()
        for minutes in range(0, 720, 20):
            assert session_user(session, token, AT + timedelta(minutes=minutes)) == alice

        assert session_user(session, token, AT + LONGEST) is None

    def test_disabled_person_is_out_at_once(self, session, alice, sign_in):
        token = sign_in()
        alice.disabled_at = AT

        assert session_user(session, token, AT) is None

    @pytest.mark.parametrize("token", [None, "", "guess", "x" * 5000, "\ud800", "a\0b"])
    def test_what_is_no_token_is_nobody(self, session, sign_in, token):
        sign_in()

        assert session_user(session, token, AT) is None

    def test_signing_out_ends_this_session_only(self, session, alice, sign_in):
        here, there = sign_in(), sign_in()

        sign_out(session, here, at=AT)
        sign_out(session, here, at=AT)

        assert session_user(session, here, AT) is None
        assert session_user(session, there, AT) == alice

    def test_signing_out_everywhere_spares_others(self, session, alice, sign_in):
        bob = make_user(session, "Bob Baker")
        tokens, bobs = [sign_in(), sign_in()], sign_in(email=bob.email)

        sign_out_everywhere(session, alice, at=AT)

        assert [session_user(session, token, AT) for token in tokens] == [None, None]
        assert session_user(session, bobs, AT) == bob

    def test_new_password_ends_every_session(self, session, alice, sign_in):
        token = sign_in()

        accounts.set_password(session, alice, "quite another one", AT)

        assert session_user(session, token, AT) is None
        assert sign_in() is Refusal.WRONG
        assert isinstance(sign_in(password="quite another one"), str)

    def test_ended_sessions_are_forgotten(self, session, alice, sign_in):
        sign_in()
        live = sign_in(at=AT + IDLE)

        forgotten = forget_ended_sessions(session, AT + IDLE)

        assert forgotten == 1
        assert session_user(session, live, AT + IDLE) == alice


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def alice(session):
    return make_user(session, "Alice Abbott")


@pytest.fixture
def sign_in(session, alice):
    def sign_in(email="alice@example.com", password=PASSWORD, address="10.0.0.1", at=AT):
        session.flush()
        return accounts.sign_in(session, email, password, address=address, secret="s" * 32, at=at)

    return partial(sign_in)
