"""Verified domains are asked about again, and what is lost for long counts no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import make_business, make_member, make_user
from sqlalchemy import select

from jobs import domains
from jobs.claimed import now
from voiceline.errors import TemporaryFailure
from voiceline.models import AuditEntry, Delivery, DeliveryKind, VerifiedDomain
from voiceline.verified_domains import CHECK_EVERY, LOST_AFTER, record_name, record_value


class Dns:
    """Answers with what it was told, and notes what it was asked."""

    def __init__(self) -> None:
        self.says: dict[str, list[str] | Exception] = {}
        self.asked: list[str] = []

    def texts(self, name: str) -> list[str]:
        self.asked.append(name)
        answer = self.says.get(name, [])
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_record_that_is_there_keeps_a_domain(services, dns, verified):
    domain = verified("acme.example", failing_since=now() - LOST_AFTER)
    dns.says[record_name(domain)] = ["v=spf1 -all", record_value(domain)]

    domains.check_domains()

    kept = row_of(services, domain)
    assert kept.verified_at is not None
    assert kept.failing_since is None
    assert kept.checked_at > domain.checked_at


@pytest.mark.parametrize("answer", [[], ["v=spf1 -all"], TemporaryFailure("no answer")])
def test_record_that_is_missing_is_waited_for(services, dns, verified, answer):
    domain = verified("acme.example")
    dns.says[record_name(domain)] = answer

    domains.check_domains()

    kept = row_of(services, domain)
    assert kept.verified_at is not None
    assert kept.failing_since is not None


def test_after_30_days_the_domain_is_lost_and_owners_are_told(services, dns, verified):
    domain = verified("acme.example", failing_since=now() - LOST_AFTER)

    domains.check_domains()

    assert row_of(services, domain).verified_at is None
    with services.sessions() as session:
        kinds = session.scalars(select(Delivery.kind)).all()
        assert kinds == [DeliveryKind.DOMAIN_LOST]
        assert "business.domain_lost" in session.scalars(select(AuditEntry.action)).all()


def test_only_those_whose_turn_it_is_are_asked_about(services, dns, verified):
    due = verified("acme.example")
    verified("other.example", checked_at=now())

    domains.check_domains()
    domains.check_domains()

    assert dns.asked == [record_name(due)]


def test_one_that_fails_stops_no_other(services, dns, verified):
    first, second = verified("acme.example"), verified("other.example")
    dns.says[record_name(first)] = TemporaryFailure("no answer")
    dns.says[record_name(second)] = [record_value(second)]

    domains.check_domains()

    assert row_of(services, first).failing_since is not None
    assert row_of(services, second).failing_since is None


def test_domain_that_was_removed_meanwhile_is_no_failure(services, dns, verified, monkeypatch):
    domain = verified("acme.example")
    with services.sessions.begin() as session:
        session.delete(session.get_one(VerifiedDomain, domain.id))
    monkeypatch.setattr(domains, "due_checks", lambda *_, **__: [domain.id])

    domains.check_domains()

    assert dns.asked == []


@pytest.fixture
def dns(services, monkeypatch):
    made = Dns()
    built = replace(services, dns=made)
    monkeypatch.setattr(domains, "services", lambda: built)
    return made


@pytest.fixture
def verified(services):
    with services.sessions.begin() as session:
        acme = make_business(session)
        make_member(session, acme, make_user(session, "Alice Abbott"))

    def verify(domain, **facts):
        at = now() - CHECK_EVERY
        facts = {"verified_at": at, "checked_at": at, "created_at": at} | facts
        with services.sessions.begin() as session:
            row = VerifiedDomain(business_id=acme.id, domain=domain, token=domain, **facts)
            session.add(row)
        return row

    return verify


def row_of(services, domain):
    with services.sessions() as session:
        return session.get_one(VerifiedDomain, domain.id)
