"""A business asks for its own provider and nothing else."""

from __future__ import annotations

import pytest
from factories import AT, make_member
from staff import csrf_token, signed_in

from voiceline.audit import OPERATOR
from voiceline.dashboard.context import EXTENSION
from voiceline.login_sessions import open_session
from voiceline.models import Business, IdentityProvider, SignInWay
from voiceline.providers import Wish, open_to_any, set_provider
from voiceline.sealed import Sealer


def test_password_does_not_open_its_pages(alice, world, services, okta):
    require(services, world)

    answer = alice.get(world.inbox)

    assert answer.status_code == 403
    assert "Acme Shoes asks you to sign in with Okta" in answer.text
    assert "form-action 'self' https://acme.okta.example;" in policy(answer)


def test_its_provider_does(app, world, services, okta):
    require(services, world)

    assert through(app, world.alice, okta).get(world.inbox).status_code == 200


def test_other_businesses_of_the_person_stay_open(app, world, services, okta):
    require(services, world)
    with services.sessions.begin() as session:
        make_member(session, session.merge(world.bolt), session.merge(world.alice))

    alice = signed_in(app, world.alice)

    assert alice.get(f"/businesses/{world.bolt.id}/requests").status_code == 200


def test_strangers_still_find_nothing(charlie, world, services, okta):
    require(services, world)

    assert charlie.get(world.inbox).status_code == 404


def test_owner_who_came_another_way_cannot_ask_for_it(alice, world, services, okta):
    answer = ask(alice, world)

    assert answer.status_code == 422
    assert "Sign in with Okta yourself first" in answer.text


def test_owner_who_came_through_it_can(app, alice, world, okta):
    answer = ask(through(app, world.alice, okta), world)

    assert answer.status_code == 303
    assert alice.get(world.inbox).status_code == 403


def test_untested_provider_is_not_asked_for(app, world, services, okta):
    with services.sessions.begin() as session:
        session.get_one(IdentityProvider, okta).tested_at = None

    answer = ask(through(app, world.alice, okta), world)

    assert answer.status_code == 422
    assert "test it before" in answer.text


def test_operator_opens_the_pages_again(alice, world, services, okta):
    require(services, world)

    with services.sessions.begin() as session:
        open_to_any(session, session.get_one(Business, world.acme.id), by=OPERATOR, at=AT)

    assert alice.get(world.inbox).status_code == 200


def test_only_owners_see_and_change_it(bob, world):
    page = f"/businesses/{world.acme.id}/sign-in"

    assert bob.get(page).status_code == 403
    assert ask(bob, world).status_code == 403


def ask(client, world):
    form = {"csrf_token": csrf_token(client, "/businesses"), "provider_only": "yes"}
    return client.post(f"/businesses/{world.acme.id}/sign-in/rules", data=form)


def through(app, user, provider_id):
    context = app.extensions[EXTENSION]
    way = SignInWay.BUSINESS_PROVIDER
    with context.services.sessions.begin() as session:
        token = open_session(session, user, context.clock(), way=way, provider_id=provider_id)
    client = app.test_client()
    client.set_cookie(app.config["LOGIN_COOKIE"], token)
    return client


def require(services, world):
    with services.sessions.begin() as session:
        session.get_one(Business, world.acme.id).single_sign_on_only = True


def policy(answer):
    return answer.headers["Content-Security-Policy"]


@pytest.fixture
def okta(services, world):
    with services.sessions.begin() as session:
        sealer = Sealer(services.settings.secret_key.get_secret_value())
        wish = Wish("Okta", "https://acme.okta.example", "voiceline", "secret")
        acme, alice = session.merge(world.acme), session.merge(world.alice)
        provider = set_provider(session, acme, wish, sealer, by=alice, at=AT)
        provider.tested_at = AT
    return provider.id
