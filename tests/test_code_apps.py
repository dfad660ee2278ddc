"""Codes from an app: D19, and recovery codes: D20."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from factories import AT, make_business, make_member, make_user
from sqlalchemy import select

from voiceline import recovery_codes, second_steps
from voiceline.accounts import Refusal
from voiceline.code_apps import accept_code, begin_code_app, confirm_code_app, has_code_app
from voiceline.errors import PermanentFailure, UserError
from voiceline.models import CodeApp, Delivery, RecoveryCode
from voiceline.sealed import Sealer

SECRET = "a secret of at least thirty-two characters"
SEALER = Sealer(SECRET)


class TestCodes:
    def test_app_counts_once_a_code_has_proved_it(self, session, alice):
        key = begin_code_app(session, alice, SEALER, AT)
        assert not has_code_app(session, alice)

        assert confirm_code_app(session, alice, code(key), SEALER, AT)

        assert has_code_app(session, alice)

    def test_wrong_code_confirms_nothing(self, session, alice):
        begin_code_app(session, alice, SEALER, AT)

        assert not confirm_code_app(session, alice, "000000", SEALER, AT)
        assert not has_code_app(session, alice)

    def test_code_works_once_d19(self, session, alice, key):
        later = AT + timedelta(minutes=5)

        answers = [accept_code(session, alice, code(key, later), SEALER, later) for _ in range(2)]

        assert answers == [True, False]

    def test_of_two_that_read_at_one_moment_one_wins_d19(self, session, alice, key, services):
        later = AT + timedelta(minutes=5)
        with services.sessions() as other:
            stale = other.scalar(select(CodeApp))
            other.commit()
        assert stale.last_step < later.timestamp() // 30

        first = accept_code(session, alice, code(key, later), SEALER, later)
        session.commit()
        with services.sessions.begin() as other:
            second = accept_code(other, alice, code(key, later), SEALER, later)

        assert (first, second) == (True, False)

    @pytest.mark.parametrize(("off", "counts"), [(-2, False), (-1, True), (1, True), (2, False)])
    def test_clock_may_be_off_by_one_step_d19(self, session, alice, key, off, counts):
        later = AT + timedelta(minutes=5)
        shown = code(key, later + off * timedelta(seconds=30))

        assert accept_code(session, alice, shown, SEALER, later) is counts

    def test_older_code_counts_no_more_once_a_newer_was_taken(self, session, alice, key):
        later = AT + timedelta(minutes=5)
        before = later - timedelta(seconds=30)

        assert accept_code(session, alice, code(key, later), SEALER, later)
        assert not accept_code(session, alice, code(key, before), SEALER, later)

    def test_code_typed_in_groups_is_the_same(self, session, alice, key):
        later = AT + timedelta(minutes=5)
        shown = code(key, later)

        assert accept_code(session, alice, f" {shown[:3]} {shown[3:]}", SEALER, later)

    @pytest.mark.parametrize("odd", ["", "12345", "1234567", "abcdef", "\uff11" * 6, "\x00" * 6])
    def test_what_is_no_code_is_just_wrong(self, session, alice, key, odd):
        assert not accept_code(session, alice, odd, SEALER, AT)

    def test_second_app_needs_the_first_turned_off(self, session, alice, key):
        with pytest.raises(UserError, match="turn them off first"):
            begin_code_app(session, alice, SEALER, AT)


class TestSeal:
    def test_key_is_not_in_the_database(self, session, alice, key):
        sealed = session.scalar(select(CodeApp.sealed_key))

        assert key.encode() not in sealed

    def test_former_secret_still_opens(self, session, alice, key):
        later, rotated = AT + timedelta(minutes=5), Sealer("another secret key", SECRET)

        assert accept_code(session, alice, code(key, later), rotated, later)

    def test_without_it_nothing_opens(self, session, alice, key):
        with pytest.raises(PermanentFailure, match="does not open"):
            accept_code(session, alice, "123456", Sealer("another secret key"), AT)

    def test_sealed_for_one_purpose_does_not_open_for_another(self):
        sealed = SEALER.seal("x", purpose="one")

        with pytest.raises(PermanentFailure):
            SEALER.open(sealed, purpose="two")


class TestLimits:
    def test_sixth_wrong_code_is_too_many_d19(self, session, alice, key):
        answers = [prove(session, alice, "000000") for _ in range(6)]

        assert answers == [Refusal.WRONG] * 5 + [Refusal.TOO_OFTEN]

    def test_right_code_does_not_help_then_d19(self, session, alice, key):
        later = AT + timedelta(minutes=2)
        for _ in range(6):
            prove(session, alice, "000000", later)

        assert prove(session, alice, code(key, later), later) is Refusal.TOO_OFTEN

    def test_twenty_in_an_hour_and_fifty_in_a_day_d19(self, session, alice, key):
        wrong = 0
        for minutes in range(0, 60 * 24 - 5, 6):
            at = AT + timedelta(minutes=minutes)
            wrong += sum(prove(session, alice, "000000", at) is Refusal.WRONG for _ in range(5))

        assert wrong == 50

    def test_right_codes_are_not_counted(self, session, alice, key):
        answers = []
        for step in range(1, 9):
            at = AT + step * timedelta(seconds=30)
            answers.append(prove(session, alice, code(key, at), at))

        assert answers == [None] * 8


class TestRecovery:
    def test_code_works_once_d20(self, session, alice, codes):
        answers = [prove_recovery(session, alice, codes[0]) for _ in range(2)]

        assert answers == [None, Refusal.WRONG]
        assert recovery_codes.count_left(session, alice) == 9

    def test_use_is_told_by_mail(self, session, alice, codes):
        prove_recovery(session, alice, codes[3].upper().replace("-", " "))

        (facts,) = session.scalars(select(Delivery.facts))
        assert facts["what"] == "recovery_code_used"

    def test_codes_are_eighty_bits_beside_their_place(self, codes):
        assert len(set(codes)) == len({each[:4] for each in codes}) == 10
        assert all(len(each.replace("-", "")) == 20 for each in codes)

    def test_no_code_is_in_the_database(self, session, alice, codes):
        rows = session.scalars(select(RecoveryCode)).all()

        assert all(row.code_hash.startswith("$argon2id$") for row in rows)

    def test_new_ones_make_the_old_ones_useless(self, session, alice, codes):
        new = recovery_codes.make_codes()
        recovery_codes.keep_codes(session, alice, recovery_codes.hash_codes(new), AT)

        assert prove_recovery(session, alice, codes[0]) is Refusal.WRONG
        assert prove_recovery(session, alice, new[0]) is None

    @pytest.mark.parametrize("odd", ["", "x", "ü" * 20, "a" * 5000, "\ud800" * 20])
    def test_what_is_no_code_is_just_wrong(self, session, alice, codes, odd):
        assert prove_recovery(session, alice, odd) is Refusal.WRONG


def code(key, at=AT):
    return pyotp.TOTP(key).at(at)


def prove(session, user, given, at=AT):
    return second_steps.prove_code(
        session, user, given, sealer=SEALER, address="192.0.2.7", secret=SECRET, at=at
    )


def prove_recovery(session, user, given):
    return second_steps.prove_recovery_code(
        session, user, given, address="192.0.2.7", secret=SECRET, at=AT
    )


@pytest.fixture
def alice(session):
    user = make_user(session)
    make_member(session, make_business(session), user)
    session.commit()
    return user


@pytest.fixture
def key(session, alice):
    made = begin_code_app(session, alice, SEALER, AT)
    assert confirm_code_app(session, alice, code(made), SEALER, AT)
    session.commit()
    return made


@pytest.fixture(scope="module")
def made():
    plain = recovery_codes.make_codes()
    return plain, recovery_codes.hash_codes(plain)


@pytest.fixture
def codes(session, alice, made):
    recovery_codes.keep_codes(session, alice, made[1], AT)
    session.commit()
    return made[0]
