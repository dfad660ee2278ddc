"""Whose tries are counted when proxies stand before the dashboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from staff import csrf_token

from voiceline.dashboard import create_app

SIGN_INS_A_WINDOW = 10


def test_addresses_are_told_apart_behind_our_own_proxy(services, world):
    client = behind(services, 1)
    for _ in range(SIGN_INS_A_WINDOW):
        guess(client, "mallory@example.com", "198.51.100.7")

    blocked = guess(client, "eve@example.com", "198.51.100.7")
    other = guess(client, "eve@example.com", "198.51.100.8")

    assert (blocked.status_code, other.status_code) == (429, 422)


@pytest.mark.parametrize("hops", [0, 1])
def test_addresses_a_browser_claims_are_not_believed(services, world, hops):
    client = behind(services, hops)
    for number in range(SIGN_INS_A_WINDOW):
        guess(client, f"mallory{number}@example.com", f"203.0.113.{number}, 198.51.100.7")

    answer = guess(client, "eve@example.com", "203.0.113.99, 198.51.100.7")

    assert answer.status_code == 429


def test_fifty_claimed_hops_are_answered(services, world):
    chain = ", ".join(f"203.0.113.{number}" for number in range(50))

    answer = guess(behind(services, 1), "eve@example.com", chain)

    assert answer.status_code == 422


def behind(services, hops):
    settings = services.settings.model_copy(update={"trusted_proxies": hops})
    return create_app(replace(services, settings=settings)).test_client()


def guess(client, email, forwarded):
    form = {"csrf_token": csrf_token(client), "email": email, "password": "wrong"}
    return client.post("/sign-in", data=form, headers={"X-Forwarded-For": forwarded})
