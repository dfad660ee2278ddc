"""A business's domains: what counts, whose they are, and when they are lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from factories import AT, make_business, make_member, make_user
from sqlalchemy import select

from voiceline.errors import NotFoundError, UserError
from voiceline.models import AuditEntry, Delivery, DeliveryKind, Role
from voiceline.verified_domains import (
    CHECK_EVERY,
    LOST_AFTER,
    claim,
    due_checks,
    find,
    note_check,
    record_name,
    record_value,
)


def test_domain_counts_once_its_record_says_so(session, acme, alice):
    domain = claim(session, acme, "Acme.Example.", by=alice, at=AT)
    assert record_name(domain) == "_voiceline.acme.example"

    note_check(session, domain, ["v=spf1 -all"], at=AT)
    assert domain.verified_at is None
    note_check(session, domain, ["v=spf1 -all", record_value(domain)], at=AT)

    assert domain.verified_at == AT
    assert "business.domain_verified" in set(session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize("text", ["com", "co.uk", "gmail.com", "@GMail.com", "github.io"])
def test_what_is_everybodys_is_nobodys(session, acme, alice, text):
    with pytest.raises(UserError):
        claim(session, acme, text, by=alice, at=AT)


@pytest.mark.parametrize("text", ["", " ", "a b.example", "127.0.0.1", "x" * 300, "a..b", "\x00"])
def test_what_is_no_domain_is_refused(session, acme, alice, text):
    with pytest.raises(UserError, match="no domain"):
        claim(session, acme, text, by=alice, at=AT)


def test_verified_domain_is_no_others(session, acme, alice):
    bolt = make_business(session, "Bolt Bikes")
    mine = claim(session, acme, "acme.example", by=alice, at=AT)
    theirs = claim(session, bolt, "acme.example", by=alice, at=AT)
    note_check(session, mine, [record_value(mine)], at=AT)

    with pytest.raises(UserError, match="verified for another account"):
        note_check(session, theirs, [record_value(theirs)], at=AT)

    assert theirs.verified_at is None


def test_record_of_one_business_verifies_no_other(session, acme, alice):
    bolt = make_business(session, "Bolt Bikes")
    mine = claim(session, acme, "acme.example", by=alice, at=AT)
    theirs = claim(session, bolt, "acme.example", by=alice, at=AT)

    note_check(session, theirs, [record_value(mine)], at=AT)

    assert theirs.verified_at is None


def test_foreign_domain_is_missing(session, acme, alice):
    bolt = make_business(session, "Bolt Bikes")
    mine = claim(session, acme, "acme.example", by=alice, at=AT)

    with pytest.raises(NotFoundError):
        find(session, bolt.id, mine.id)


@pytest.mark.parametrize("silence", [[], None])
def test_missing_record_loses_the_domain_after_thirty_days(session, acme, alice, silence):
    domain = verified(session, acme, alice)

    note_check(session, domain, silence, at=AT + timedelta(days=1))
    note_check(session, domain, silence, at=AT + LOST_AFTER)
    assert domain.verified_at is not None
    note_check(session, domain, silence, at=AT + timedelta(days=1) + LOST_AFTER)

    assert domain.verified_at is None
    told = session.scalars(select(Delivery).filter_by(kind=DeliveryKind.DOMAIN_LOST)).all()
    assert [each.address for each in told] == ["alice@example.com"]


def test_record_that_comes_back_keeps_the_domain(session, acme, alice):
    domain = verified(session, acme, alice)
    note_check(session, domain, [], at=AT + timedelta(days=1))

    note_check(session, domain, [record_value(domain)], at=AT + timedelta(days=20))
    note_check(session, domain, [], at=AT + LOST_AFTER + timedelta(days=2))

    assert domain.verified_at is not None


def test_only_verified_domains_are_asked_for_twice_a_day(session, acme, alice):
    domain = verified(session, acme, alice)
    claim(session, acme, "another.example", by=alice, at=AT)

    assert due_checks(session, at=AT, limit=10) == []
    assert due_checks(session, at=AT + CHECK_EVERY, limit=10) == [domain.id]


def verified(session, business, user):
    domain = claim(session, business, "acme.example", by=user, at=AT)
    note_check(session, domain, [record_value(domain)], at=AT)
    return domain


@pytest.fixture
def acme(session):
    return make_business(session)


@pytest.fixture
def alice(session, acme):
    user = make_user(session)
    make_member(session, acme, user)
    make_member(session, acme, make_user(session, "Bob Baker"), Role.AGENT)
    return user
