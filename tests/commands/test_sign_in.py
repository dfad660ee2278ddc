"""The operator opens a business's pages again when its own provider is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from voiceline.audit.reading import entries_of
from voiceline.businesses import find_business
from voiceline.commands.context import now
from voiceline.errors import NotFoundError
from voiceline.models import ActorKind, IdentityProvider

AGAIN = ("business", "sign-in", "--any")


@pytest.fixture
def locked(run, services):
    """Acme, which asks for its own provider and for two things."""
    run("business", "add", "Acme Shoes", "--code", "4021")
    with services.sessions.begin() as session:
        acme = find_business(session, "Acme Shoes")
        acme.single_sign_on_only = acme.needs_second_step = True
        facts = {"issuer": "https://acme.okta.example", "client_id": "c", "sealed_secret": b"x"}
        at = now()
        session.add(IdentityProvider(business_id=acme.id, name="Okta", created_at=at, **facts))
    return acme


@pytest.mark.parametrize("name", ["Acme Shoes", "4021"])
def test_every_way_opens_the_pages_again(run, services, locked, name):
    done = run(*AGAIN, name)

    assert done.exit_code == 0, done.output
    assert "The pages of Acme Shoes open to every way" in done.output
    with services.sessions() as session:
        acme = find_business(session, "Acme Shoes")
        assert not acme.single_sign_on_only
        assert acme.needs_second_step  # what else was asked for is not the provider's matter
        assert session.scalar(select(IdentityProvider.name)) == "Okta"


def test_it_is_in_the_trail_as_the_operators(run, services, locked):
    run(*AGAIN, "Acme Shoes")

    with services.sessions() as session:
        newest = entries_of(session, locked.id, limit=1)[0].entry
    assert newest.actor_kind == ActorKind.OPERATOR
    assert newest.action.startswith("business.")


def test_it_is_said_so_that_nobody_does_it_by_mistake(run, services, locked):
    refused = run("business", "sign-in", "Acme Shoes")

    assert refused.exit_code == 2
    with services.sessions() as session:
        assert find_business(session, "Acme Shoes").single_sign_on_only


def test_unknown_business_is_named(run, locked):
    assert isinstance(run(*AGAIN, "Nobody").exception, NotFoundError)
