"""Every address of a business, tried by every kind of person, with own, foreign and missing ids.

What each may do stands in tests/who_may.py; what a stranger gets is the same answer, to the byte,
as for what does not exist. A new address is tried as soon as it is there. Forms are sent with a
token that holds, so that an answer is never the token's.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest
from every_address import KEYS, WORDS
from factories import AT, make_member, make_user, tone, unknown_id
from flask import request as asked_for
from operators import make_grant, make_operator
from staff import csrf_token, signed_in
from who_may import GRANTED, LEAST

from voiceline import notes
from voiceline.grants import LAPSES
from voiceline.greetings import set_greeting
from voiceline.invitations import invite
from voiceline.models import (
    AccessGrant,
    BulkAction,
    BulkKind,
    LegalHold,
    Letter,
    NoteAttachment,
    Role,
    SavedView,
    VerifiedDomain,
)
from voiceline.rules.letters import LetterKind, Way

CANARY = "canary"
FINE = {200, 206, 302, 303, 304, 400, 410, 416, 422, 429}
"""Answers of a page that let somebody in."""

LET_IN = b"let in"
"""What answers in place of a form's view: whoever reads it got as far as the form."""

CHANGEABLE = {"Content-Security-Policy", "Date", "Set-Cookie"}
"""Headers that differ from answer to answer, by a nonce, the time or a form's token."""

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
    others: dict
    """Things that are one colleague's, or not to be had without more: tried as foreign ones."""


@pytest.fixture
def ids(services, world):
    """Acme's ids and Bolt's, with one of everything that an address may name."""
    sides = []
    for business, first, voicemail, user in (
        (world.acme, world.request, world.voicemail, world.alice),
        (world.bolt, world.foreign, world.foreign_voicemail, world.charlie),
    ):
        with services.sessions.begin() as session:
            asked = session.merge(first)
            note = notes.add_note(session, asked, uuid4(), f"{CANARY} {business.name}", user, AT)
            things = {
                "request_id": asked.id,
                "voicemail_id": voicemail.id,
                "right_id": asked.rights[0].id,
                "note_id": note.id,
                "code_id": asked.service_code_id,
                "membership_id": session.merge(user).memberships[0].id,
            }
            set_greeting(session, asked.service_code, language="en", audio=tone(), at=AT)
            others = others_of(session, business, note, user)
        sides.append(Ids({"business_id": business.id}, things, others))
    return sides


def others_of(session, business, note, user):
    """Write a view, an act on many, a letter, a file, an invitation and a domain of a business."""
    of = {"business_id": business.id}
    mine = of | {"user_id": user.id, "created_at": AT}
    about = of | {"request_id": note.request_id}
    rows = {
        "view_id": SavedView(**mine, name=CANARY, query="status=open", shared=True),
        "bulk_id": BulkAction(**mine, kind=BulkKind.READ, facts={}, count=0, finished_at=AT),
        "letter_id": Letter(
            **about,
            kind=LetterKind.ACKNOWLEDGEMENT,
            language="en",
            way=Way.POST,
            wording="1",
            sent_on=AT.date(),
            kept_at=AT,
            kept_by_id=user.id,
            subject=CANARY,
            text=CANARY,
            sha256="0" * 64,
        ),
        "attachment_id": NoteAttachment(
            **about,
            note_id=note.id,
            number=1,
            name=CANARY,
            content_type="application/pdf",
            size=1,
            sha256="0" * 64,
            object_key=f"n/{note.id}",
            user_id=user.id,
            offered_at=AT,
        ),
        "domain_id": VerifiedDomain(**of, domain=f"{business.id.hex}.example", token="t"),
    }
    rows["domain_id"].created_at = AT
    rows["grant_id"] = AccessGrant(
        **of, user_id=user.id, reason=CANARY, seconds=3600, asked_at=AT, lapses_at=AT + LAPSES
    )
    rows["hold_id"] = LegalHold(**of, reason=CANARY, placed_at=AT, placed_by=user.id)
    session.add_all(rows.values())
    invited = f"{business.id.hex}@example.com"
    by = session.merge(user)
    asked = invite(session, business.id, invited, Role.VIEWER, by=by, secret="s" * 32, at=AT)
    session.flush()
    return {name: row.id for name, row in rows.items()} | {"invitation_id": asked.id}


@pytest.fixture
def doors_only(app, monkeypatch):
    """Let no form do anything, so that each answer is what the gate says."""

    def guarded(view):
        def answer(**arguments):
            return LET_IN if asked_for.method == "POST" else view(**arguments)

        return answer

    for endpoint, view in app.view_functions.items():
        monkeypatch.setitem(app.view_functions, endpoint, guarded(view))


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
@pytest.mark.usefixtures("doors_only")
def test_everybody_gets_exactly_what_is_theirs(app, world, ids, client_of, actor):
    client = client_of(actor)
    form = form_of(client)
    missing_page = client.get("/no/such/page")
    checks, wrong = 0, []

    for rule, method, address, variant in addresses(app, ids):
        answer = client.open(address, method=method, data=form if method == "POST" else None)
        checks += 1
        if not is_right(actor, rule, method, variant, answer, missing_page):
            wrong.append(f"{variant} {method} {rule.rule}: {answer.status_code}")
        if not actor.startswith(("b1", "ab")) and f"{CANARY} Bolt".encode() in answer.data:
            wrong.append(f"{variant} {method} {rule.rule}: tells of the other business")

    assert not wrong
    assert checks * len(ACTORS) >= 2000


@pytest.mark.parametrize("actor", ["a1 viewer", "a2 agent", "a4 owner"])
def test_foreign_and_missing_things_are_one_answer(app, world, ids, client_of, actor):
    """With the real views, and a token that holds: the ids alone must stop it."""
    client = client_of(actor)
    form = form_of(client)
    role = ACTORS[actor]
    wrong, answers = [], {}

    for rule, method, address, variant in addresses(app, ids):
        if variant != "own" and role.covers(LEAST[method, rule.rule]):
            answer = client.open(address, method=method, data=form if method == "POST" else None)
            kind = variant.partition(" ")[2]  # one's own business is no secret, so each for itself
            answers.setdefault((method, rule.rule, kind), {})[variant] = seen(answer)
            if answer.status_code != 404:
                wrong.append(f"{variant} {method} {rule.rule}: {answer.status_code}")
    unlike = [where for where, each in answers.items() if len(set(each.values())) > 1]

    assert not wrong
    assert not unlike
    tried = {variant for each in answers.values() for variant in each}
    assert {"foreign things", "mixed things", "missing things"} <= tried


def test_every_id_of_an_address_is_tried_as_a_foreign_one(app, ids):
    acme, bolt = ids

    assert {*bolt.things, *bolt.others} == set(KEYS)
    assert not {*acme.things.values()} & {*bolt.things.values(), *bolt.others.values()}


def form_of(client):
    """Answer what every form sends, with a token that holds for this client."""
    page = "/account" if client.get("/account").status_code == 200 else "/sign-in"
    return {"csrf_token": csrf_token(client, page), "version": "1"}


def seen(answer):
    """Answer what somebody can tell two answers apart by."""
    headers = tuple(sorted((k, v) for k, v in answer.headers if k not in CHANGEABLE))
    return answer.status_code, len(answer.data), headers


def addresses(app, ids):
    """Yield each rule of a business with its method, an address, and whose ids are in it."""
    acme, bolt = ids
    own_request = {"request_id": acme.things["request_id"]}
    nothing = dict.fromkeys(KEYS, unknown_id())
    variants = {
        "own": (acme.business, acme.things),
        "foreign things": (acme.business, bolt.things | bolt.others),
        "mixed things": (acme.business, bolt.things | bolt.others | own_request),
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
            if variant == "mixed things" and (len(nested) < 2 or "request_id" not in nested):
                continue
            if not variant.startswith("missing") and not nested <= set(things):
                continue
            filled = {name: (nothing | things)[name] for name in nested} | business
            filled |= {name: word for name, word in WORDS.items() if name in rule.arguments}
            path = adapter.build(rule.endpoint, filled | (rule.defaults or {}))
            for method in sorted(rule.methods & {"GET", "POST"}):
                yield rule, method, path, variant


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
    return is_let_in(method, variant, answer)


def is_let_in(method, variant, answer):
    """Tell whether the gate let somebody in: to a form, or to own things to read."""
    if method == "POST":
        return answer.data == LET_IN
    return answer.status_code == 404 if variant.endswith("things") else answer.status_code in FINE


def is_granted(rule, method, variant, answer):
    """Tell whether the answer is what a grant opens: own things to read, and nothing else."""
    if (method, rule.rule) not in GRANTED:
        return answer.status_code == 403
    return answer.status_code == 404 if variant.endswith("things") else answer.status_code in FINE
