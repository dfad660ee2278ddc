from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from factories import AT

from voiceline.limits import counted_address, forget_windows, give_back, limit_key, take
from voiceline.models import Allowance

MINUTE = timedelta(minutes=1)


def try_once(session, key="calls", at=AT, allowance=2) -> bool:
    return take(session, key=key, allowance=allowance, window=MINUTE, at=at)


def test_allowance_is_used_up(session):
    tries = [try_once(session) for _ in range(4)]

    assert tries == [True, True, False, False]


def test_window_ends_and_begins_anew(session):
    for _ in range(3):
        try_once(session)

    just_before = try_once(session, at=AT + MINUTE - timedelta(microseconds=1))
    at_its_end = try_once(session, at=AT + MINUTE)

    assert (just_before, at_its_end) == (False, True)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("no address", "no address"),
        ("", ""),
        (None, ""),
    ],
)
def test_addresses_are_counted_by_household(address, counted):
    assert counted_address(address) == counted


def test_a_clock_set_back_lifts_no_limit(session):
    for _ in range(2):
        try_once(session)

    assert not try_once(session, at=AT - timedelta(days=1))


def test_keys_do_not_share_an_allowance(session):
    for _ in range(3):
        try_once(session, key="one")

    assert try_once(session, key="another")


def test_a_try_given_back_can_be_made_again(session):
    try_once(session, allowance=1)
    give_back(session, key="calls")

    assert try_once(session, allowance=1)


def test_nothing_is_given_back_twice(session):
    try_once(session, allowance=1)
    give_back(session, key="calls")
    give_back(session, key="calls")
    session.commit()

    assert session.get_one(Allowance, "calls").used == 0


def test_giving_back_what_nobody_took_is_harmless(session):
    give_back(session, key="calls")

    assert session.get(Allowance, "calls") is None


def test_no_two_processes_take_the_last_one(services):
    def take_one(_: int) -> bool:
        with services.sessions.begin() as session:
            return try_once(session, allowance=10)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take_one, range(40)))

    assert sum(taken) == 10


def test_windows_of_the_past_are_forgotten(session):
    try_once(session, key="old")
    try_once(session, key="new", at=AT + MINUTE)

    forgotten = forget_windows(session, before=AT + MINUTE)

    assert forgotten == 1
    assert session.get(Allowance, "new")


def test_key_tells_nobody_who_it_is_for():
    key = limit_key("sign_in.user", "alice@example.com", "secret")

    assert "alice" not in key
    assert key == limit_key("sign_in.user", "alice@example.com", "secret")


def test_key_depends_on_what_whom_and_secret():
    keys = {
        limit_key("a", "b", "secret"),
        limit_key("a", "c", "secret"),
        limit_key("c", "b", "secret"),
        limit_key("a", "b", "another secret"),
    }

    assert len(keys) == 4


def test_the_longest_key_fits_its_column():
    key = limit_key("w" * 80, "x" * 5000, "secret")

    assert len(key) <= Allowance.key.type.length
