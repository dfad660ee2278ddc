"""Every address of a business, tried by every kind of person, with own, foreign and missing ids.

What each may do stands in tests/who_may.py; what a stranger gets is the same answer, to the byte,
as for what does not exist. A new address is tried as soon as it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest
from every_address import KEYS, WORDS
from factories import AT, make_member, make_user, tone, unknown_id
from operators import make_grant, make_operator
from staff import csrf_token, signed_in
from who_may import GRANTED, LEAST

from voiceline import notes
from voiceline.greetings import set_greeting
from voiceline.models import Role

CANARY = "canary"
FINE = {200, 206, 301, 302, 303, 304, 400, 410, 416, 422, 429}
"""Answers of a view that let somebody in; a form without its fields or token is told so."""

ACTORS = {
    "a0 nobody": None,
    "a1 viewer": Role.VIEWER,
    "a2 agent": Role.AGENT,
    "a3 admin": Role.ADMIN,
    "a4 owner": Role.OWNER,
    "b1 owner of the other": None,
    "ab member of both": Role.AGENT,
    "ax disabled": None,
    "ai invited": None,
    "op operator": None,
    "og operator with a grant": None,
}


@dataclass(frozen=True)
class Ids:
    """What stands in an address: whose business, and whose things."""

    business: dict
    things: dict


@pytest.fixture
def ids(services, world):
    """Acme's ids and Bolt's, with a note on each one's request."""
    sides = []
    for business, request, voicemail, user in (
        (world.acme, world.request, world.voicemail, world.alice),
        (world.bolt, world.foreign, world.foreign_voicemail, world.charlie),
    ):
        with services.sessions.begin() as session:
            asked = session.merge(request)
            note = notes.add_note(session, asked, uuid4(), f"{CANARY} {business.name}", user, AT)
            things = {
                "request_id": asked.id,
                "voicemail_id": voicemail.id,
                "right_id": asked.rights[0].id,
                "note_id": note.id,
                "code_id": asked.service_code_id,
            }
            set_greeting(session, asked.service_code, language="en", audio=tone(), at=AT)
        sides.append(Ids({"business_id": business.id}, things))
    return sides


@pytest.fixture
def client_of(app, services, world):
    def answer(actor: str):
        with services.sessions.begin() as session:
            user = make_user(session, f"{actor} Person")
            if ACTORS[actor]:
                make_member(session, session.merge(world.acme), user, ACTORS[actor])
            if actor.startswith(("b1", "ab")):
                make_member(session, session.merge(world.bolt), user, Role.OWNER)
        if actor.startswith("o"):
            with services.sessions.begin() as session:
                user = make_operator(session, Role.OWNER)
                if actor.startswith("og"):
                    make_grant(session, world.acme, user, by=world.alice)
        if actor.startswith("a0"):
            return app.test_client()
        client = signed_in(app, user)
        if actor.startswith("ax"):
            with services.sessions.begin() as session:
                session.merge(user).disabled_at = AT
        return client

    return answer


def test_every_address_of_a_business_says_who_may(app):
    there = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if "business_id" in rule.arguments
    }

    assert there == set(LEAST)


@pytest.mark.parametrize("actor", ACTORS)
def test_everybody_gets_exactly_what_is_theirs(app, world, ids, client_of, actor):
    client = client_of(actor)
    missing_page = client.get("/no/such/page")
    checks, wrong = 0, []

    for rule, method, address, variant in addresses(app, ids):
        answer = client.open(address, method=method)
        checks += 1
        if not is_right(actor, rule, method, variant, answer, missing_page):
            wrong.append(f"{variant} {method} {rule.rule}: {answer.status_code}")
        if not actor.startswith(("b1", "ab")) and f"{CANARY} Bolt".encode() in answer.data:
            wrong.append(f"{variant} {method} {rule.rule}: tells of the other business")

    assert not wrong
    assert checks * len(ACTORS) >= 2000


@pytest.mark.parametrize("actor", ["a2 agent", "a4 owner"])
def test_no_form_changes_what_is_not_there(app, world, ids, client_of, actor):
    """With a token that holds: the ids alone must stop it."""
    client = client_of(actor)
    form = {"csrf_token": csrf_token(client, world.inbox), "version": "1"}
    role = ACTORS[actor]
    wrong = []

    for rule, method, address, variant in addresses(app, ids):
        if method == "POST" and variant != "own" and role.covers(LEAST["POST", rule.rule]):
            answer = client.post(address, data=form)
            if answer.status_code != 404:
                wrong.append(f"{variant} {rule.rule}: {answer.status_code}")

    assert not wrong


def addresses(app, ids):
    """Yield each rule of a business with its method, an address, and whose ids are in it."""
    acme, bolt = ids
    nothing = dict.fromkeys(KEYS, unknown_id())
    variants = {
        "own": (acme.business, acme.things),
        "foreign things": (acme.business, bolt.things),
        "missing things": (acme.business, {}),
        "foreign business": (bolt.business, bolt.things),
        "missing business": ({"business_id": unknown_id()}, acme.things),
    }
    adapter = app.url_map.bind("127.0.0.1")
    for rule in app.url_map.iter_rules():
        if "business_id" not in rule.arguments:
            continue
        nested = set(rule.arguments) - {"business_id"} - set(rule.defaults or {}) - set(WORDS)
        assert nested <= set(KEYS), f"say in every_address.py what {nested} of {rule.rule} is"
        for variant, (business, things) in variants.items():
            if variant.endswith("things") and not nested:
                continue
            if variant in {"own", "foreign things", "foreign business"} and not nested <= set(
                things
            ):
                continue
            filled = {name: (nothing | things)[name] for name in nested} | business
            filled |= {name: word for name, word in WORDS.items() if name in rule.arguments}
            path = adapter.build(rule.endpoint, filled | (rule.defaults or {}))
            yield rule, "GET" if "GET" in rule.methods else "POST", path, variant


def is_right(actor, rule, method, variant, answer, missing_page):
    """Tell whether the answer is what the table of roles says."""
    if actor.startswith(("a0", "ax")):
        return answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    if actor.startswith("og") and variant not in {"foreign business", "missing business"}:
        return is_granted(rule, method, variant, answer)
    of_acme, of_bolt = ACTORS[actor], Role.OWNER if actor.startswith(("b1", "ab")) else None
    role = of_bolt if variant == "foreign business" else of_acme
    if variant == "missing business" or role is None:
        return answer.status_code == 404 and answer.data == missing_page.data
    if not role.covers(LEAST[method, rule.rule]):
        return answer.status_code == 403
    if variant.endswith("things") and method == "GET":
        return answer.status_code == 404
    return answer.status_code in FINE


def is_granted(rule, method, variant, answer):
    """Tell whether the answer is what a grant opens: own things to read, and nothing else."""
    if (method, rule.rule) not in GRANTED:
        return answer.status_code == 403
    return answer.status_code == 404 if variant.endswith("things") else answer.status_code in FINE
