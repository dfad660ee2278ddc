"""One proof, given by two browsers at one moment: it counts once, on either database."""

from __future__ import annotations

import threading
from datetime import timedelta

import pyotp
import pytest
from factories import AT, make_user

from voiceline import recovery_codes, second_steps
from voiceline.accounts import Refusal
from voiceline.code_apps import begin_code_app, confirm_code_app
from voiceline.models import User
from voiceline.sealed import Sealer

SECRET = "a secret of at least thirty-two characters"
SEALER = Sealer(SECRET)
LATER = AT + timedelta(minutes=5)


@pytest.mark.parametrize("_again", range(3))
def test_code_of_an_app_counts_in_one_of_two_sessions_d19(services, alice, _again):
    with services.sessions.begin() as session:
        person = session.merge(alice)
        key = begin_code_app(session, person, SEALER, AT)
        assert confirm_code_app(session, person, pyotp.TOTP(key).at(AT), SEALER, AT)
    given = pyotp.TOTP(key).at(LATER)

    answers = at_once(services, alice, given, second_steps.prove_code, sealer=SEALER)

    assert sorted(answers, key=str) == [None, Refusal.WRONG]


@pytest.mark.parametrize("_again", range(3))
def test_recovery_code_counts_in_one_of_two_sessions_d20(services, alice, _again):
    codes = recovery_codes.make_codes()[:1]
    with services.sessions.begin() as session:
        hashed = recovery_codes.hash_codes(codes)
        recovery_codes.keep_codes(session, session.merge(alice), hashed, AT)

    answers = at_once(services, alice, codes[0], second_steps.prove_recovery_code)

    assert sorted(answers, key=str) == [None, Refusal.WRONG]
    with services.sessions() as session:
        assert recovery_codes.count_left(session, alice) == 0


def at_once(services, user, given, prove, **also):
    """Answer what two browsers are told that send the same at one moment."""
    barrier, answers = threading.Barrier(2), []

    def send(address):
        with services.sessions() as session:
            person = session.get_one(User, user.id)
            session.commit()
            barrier.wait(timeout=10)
            said = prove(session, person, given, address=address, secret=SECRET, at=LATER, **also)
            session.commit()
        answers.append(said)

    senders = [threading.Thread(target=send, args=(f"192.0.2.{place}",)) for place in (1, 2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(timeout=30)
    return answers


@pytest.fixture
def alice(services):
    with services.sessions.begin() as session:
        return make_user(session)
