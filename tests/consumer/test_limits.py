"""Whose tries are counted: the address that the outermost proxy saw, and the business."""

from __future__ import annotations

from dataclasses import replace

import pytest
from visitors import Public

from voiceline import web_requests
from voiceline.consumer import create_app


def test_without_a_proxy_nobody_says_who_they_are(public, monkeypatch):
    monkeypatch.setattr(web_requests, "PER_ADDRESS", 2)

    codes = [sent(public, number) for number in range(4)]

    assert codes == [303, 303, 429, 429]


def test_one_household_has_one_share(public, monkeypatch):
    monkeypatch.setattr(web_requests, "PER_ADDRESS", 2)
    codes = []

    for number in range(3):
        public.client.environ_base["REMOTE_ADDR"] = f"2001:db8:1:2::{number}"
        codes.append(sent(public, number))

    assert codes == [303, 303, 429]


def test_behind_a_proxy_each_address_has_its_share(services, world, clock, monkeypatch):
    monkeypatch.setattr(web_requests, "PER_ADDRESS", 2)
    settings = services.settings.model_copy(update={"trusted_proxies": 1})
    app = create_app(replace(services, settings=settings), clock=clock)
    public = Public(app.test_client(use_cookies=False), clock)

    codes = [sent(public, number) for number in range(4)]

    assert codes == [303, 303, 303, 303]


def test_business_is_not_flooded_from_many_addresses(services, world, clock, monkeypatch):
    monkeypatch.setattr(web_requests, "PER_BUSINESS", 2)
    settings = services.settings.model_copy(update={"trusted_proxies": 1})
    app = create_app(replace(services, settings=settings), clock=clock)
    public = Public(app.test_client(use_cookies=False), clock)

    codes = [sent(public, number) for number in range(3)]
    public.path = "/5077"

    assert codes == [303, 303, 429]
    assert sent(public, 3) == 303


def sent(public: Public, number: int) -> int:
    """Send a form of its own from a network address of its own; answer how it was taken."""
    public.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
    return public.ask(details=f"Order {number}.").status_code


@pytest.mark.parametrize("header", ["", "x" * 5000, "1.2.3.4, " * 60, "\u00e9"])
def test_odd_addresses_are_addresses_too(public, header):
    public.client.environ_base["HTTP_X_FORWARDED_FOR"] = header

    answer = public.ask()

    assert answer.status_code == 303
