"""TEXT records, asked of a name server on loopback."""

from __future__ import annotations

import pytest
from fakes.name_server import name_server

from voiceline.adapters import dns_texts
from voiceline.adapters.dns_texts import DnsTexts
from voiceline.errors import TemporaryFailure

NAME = "_voiceline.acme.example"


def test_all_texts_of_a_name_are_read(server):
    server.texts[NAME] = ["v=spf1 -all", "voiceline-verify=abc"]

    assert DnsTexts(server.address).texts(NAME) == ["v=spf1 -all", "voiceline-verify=abc"]


def test_name_that_does_not_exist_has_none(server):
    assert DnsTexts(server.address).texts(NAME) == []


def test_long_text_is_joined(server):
    server.texts[NAME] = ["x" * 400]

    assert DnsTexts(server.address).texts(NAME) == ["x" * 400]


def test_what_is_too_long_for_udp_comes_over_tcp(server):
    server.texts[NAME] = [f"{number}-" + "x" * 200 for number in range(20)]

    assert DnsTexts(server.address).texts(NAME) == server.texts[NAME]


@pytest.mark.parametrize("fault", [{"failure": 2}, {"foreign": True}, {"silent": True}])
def test_failure_is_no_answer(server, monkeypatch, fault):
    monkeypatch.setattr(dns_texts, "SECONDS", 0.2)
    for name, value in fault.items():
        setattr(server, name, value)

    with pytest.raises(TemporaryFailure):
        DnsTexts(server.address).texts(NAME)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("192.0.2.53:5353", ("192.0.2.53", 5353)),
        ("2001:db8::53", ("2001:db8::53", 53)),
        ("[2001:db8::53]:5353", ("2001:db8::53", 5353)),
    ],
)
def test_server_is_written_with_or_without_its_port(given, address):
    assert DnsTexts(given)._address == address


@pytest.fixture
def server():
    with name_server() as running:
        yield running
