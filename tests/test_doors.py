"""Every way in is on exactly one list, and every queue has somebody who works on it.

A new address fails here until somebody has said who may use it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from source_tree import modules

from jobs import queue, schedule
from jobs.worker import TABLES
from voiceline import consumer, dashboard
from webhooks import create_app, create_fallback_app

if TYPE_CHECKING:
    from flask import Flask

    from voiceline.bootstrap import Services

FALLBACK = {"/voice/fallback", "/voice/fallback/message", "/voice/fallback/recording"}
SIGNED = FALLBACK | {
    "/voice/answer",
    "/voice/code",
    "/voice/greeting",
    "/voice/right",
    "/voice/message",
    "/voice/review",
    "/voice/receipt",
    "/voice/status",
    "/voice/recording",
    "/voice/call-status",
}
"""Only the carrier may speak here: each request carries its signature."""

PUBLIC_TELEPHONE = {
    "/healthz",
    "/media/greetings/<string(length=64):sha256>.wav",
    "/media/takes/<token>.wav",
    "/media/canary/<any(en,es):language>.wav",
}
"""What the carrier fetches without signing: addresses that cannot be guessed, or hold no secret."""

_INBOX = "/businesses/<uuid:business_id>/requests"
_REQUEST = f"{_INBOX}/<uuid:request_id>"
_VOICEMAIL = f"{_REQUEST}/voicemails/<uuid:voicemail_id>"
_NOTE = f"{_REQUEST}/notes/<uuid:note_id>"
_RIGHT = f"{_REQUEST}/rights/<uuid:right_id>"
_MEMBERS = "/businesses/<uuid:business_id>/members"
_SIGN_IN = "/businesses/<uuid:business_id>/sign-in"
STEPS = {
    *(f"{_REQUEST}/{step}" for step in ("acknowledge", "verify", "name-right", "undo")),
    *(
        f"{_REQUEST}/{step}"
        for step in ("set-residence", "set-standing", "set-contact", "withdraw-all")
    ),
    f"{_REQUEST}/assign",
    f"{_REQUEST}/hand-back",
    *(f"{_RIGHT}/{step}" for step in ("complete", "complete-in-part", "deny", "redirect")),
    *(f"{_RIGHT}/{step}" for step in ("defer", "resume", "extend", "withdraw", "reopen")),
    *(f"{_RIGHT}/{step}" for step in ("appeal", "decide-appeal", "withdraw-appeal")),
    *(f"{_RIGHT}/{step}" for step in ("correct-right", "strike-right")),
}
"""Casework: a form each, which only those who may act see and send."""

_GREETING = "/businesses/<uuid:business_id>/greetings/<uuid:code_id>/<any(en,es):language>"
GREETINGS = {
    "/businesses/<uuid:business_id>/greetings",
    _GREETING,
    *(f"{_GREETING}/{change}" for change in ("text", "audio", "keep", "restore", "standard")),
    f"{_GREETING}/versions/<int(max=999999):number>/audio.wav",
    "/businesses/<uuid:business_id>/first-steps",
    "/businesses/<uuid:business_id>/first-steps/hide",
    "/businesses/<uuid:business_id>/first-steps/show",
}
"""What callers hear: every member listens, admins and owners change it."""

SIGNING_IN = {
    "/confirm/passkey",
    "/confirm/passkey/challenge",
    "/confirm/provider",
    "/account/two-step",
    *(f"/account/two-step/{step}" for step in ("begin", "app", "recovery-codes", "turn-off")),
    "/account/passkeys",
    "/account/passkeys/challenge",
    "/account/passkeys/<uuid:passkey_id>/rename",
    "/account/passkeys/<uuid:passkey_id>/remove",
    "/account/sign-in-with",
    "/account/sign-in-with/google",
    "/account/sign-in-with/<uuid:identity_id>/remove",
    _SIGN_IN,
    *(f"{_SIGN_IN}/{step}" for step in ("provider", "provider/remove", "provider/test", "rules")),
    f"{_SIGN_IN}/domains",
    f"{_SIGN_IN}/domains/<uuid:domain_id>/check",
    f"{_SIGN_IN}/domains/<uuid:domain_id>/remove",
}
"""How a person signs in, and how a business asks its people to."""

_CUSTOMER = "/operator/businesses/<uuid:account_id>"
CONSOLE = {
    "/operator/businesses",
    *("/operator/health", "/operator/health/retry", "/operator/numbers", "/operator/numbers/look"),
    "/operator/unassigned",
    "/operator/unassigned/hand-over",
    "/operator/unassigned/<uuid:unassigned_id>",
    "/operator/businesses/new",
    _CUSTOMER,
    *(f"{_CUSTOMER}/{what}" for what in ("tier", "trial", "suspend", "resume", "owner", "codes")),
    f"{_CUSTOMER}/codes/<uuid:code_id>/withdraw",
    f"{_CUSTOMER}/access",
    f"{_CUSTOMER}/access/<uuid:grant_id>/take-back",
}
"""The operator's console: only members of the operator's own business."""

SIGNED_IN = (
    STEPS
    | CONSOLE
    | GREETINGS
    | SIGNING_IN
    | {
        "/",
        "/businesses",
        "/businesses/<uuid:business_id>/requests",
        "/businesses/<uuid:business_id>/requests/new",
        "/businesses/<uuid:business_id>/overview",
        "/businesses/<uuid:business_id>/trail",
        "/businesses/<uuid:business_id>/trail/lines.txt",
        *(f"/businesses/<uuid:business_id>/records{kind}" for kind in ("", ".csv", ".json")),
        *(f"/businesses/<uuid:business_id>/metrics{kind}" for kind in ("", ".json")),
        "/businesses/<uuid:business_id>/metrics/publish",
        "/businesses/<uuid:business_id>/metrics/hide",
        "/businesses/<uuid:business_id>/requests/news",
        "/businesses/<uuid:business_id>/requests/downloads",
        *(
            f"/businesses/<uuid:business_id>/requests/downloads/{what}"
            for what in ("progress", "voicemails.zip", "requests.csv")
        ),
        *(f"{_INBOX}/{page}" for page in ("bulk", "bulk/act", "views", "views/counts", "keys")),
        *(f"{_INBOX}/bulk/<uuid:bulk_id>{page}" for page in ("", "/progress", "/undo")),
        *(f"{_INBOX}/views/<uuid:view_id>/{do}" for do in ("rename", "delete", "open-with")),
        *(f"{_REQUEST}/{mark}" for mark in ("read", "unread")),
        _REQUEST,
        f"{_REQUEST}/audio.wav",
        f"{_REQUEST}/download",
        "/businesses/<uuid:business_id>/notices",
        "/businesses/<uuid:business_id>/notices/calendar",
        "/businesses/<uuid:business_id>/notices/words",
        f"{_REQUEST}/letters/write",
        f"{_REQUEST}/letters/<uuid:letter_id>",
        f"{_REQUEST}/evidence.zip",
        f"{_REQUEST}/notes",
        _NOTE,
        f"{_NOTE}/remove",
        f"{_NOTE}/attachments/<uuid:attachment_id>",
        f"{_VOICEMAIL}/audio.mp3",
        f"{_VOICEMAIL}/audio.wav",
        f"{_VOICEMAIL}/download",
        f"{_VOICEMAIL}/player",
        f"{_VOICEMAIL}/transcript",
        "/confirm",
        "/sign-out",
        "/sign-out-everywhere",
        "/account",
        *(f"/account/{what}" for what in ("name", "address", "password", "sessions/end-others")),
        "/account/sessions/<uuid:session_id>/end",
        *(f"{_MEMBERS}{what}" for what in ("", "/invite", "/leave")),
        *(f"{_MEMBERS}/<uuid:membership_id>/{what}" for what in ("role", "remove")),
        *(f"{_MEMBERS}/invitations/<uuid:invitation_id>/{x}" for x in ("again", "revoke")),
        "/businesses/<uuid:business_id>/codes",
        *(
            f"/businesses/<uuid:business_id>/codes/<uuid:code_id>/{x}"
            for x in ("brand", "withdraw")
        ),
        "/businesses/<uuid:business_id>/archive",
        *(
            f"/businesses/<uuid:business_id>/archive/{x}"
            for x in ("disconnect", "role.json", "test", "waiting")
        ),
        "/businesses/<uuid:business_id>/legal-holds",
        "/businesses/<uuid:business_id>/legal-holds/<uuid:hold_id>/lift",
        f"{_REQUEST}/legal-hold",
        "/businesses/<uuid:business_id>/operator-access",
        *(
            f"/businesses/<uuid:business_id>/operator-access/<uuid:grant_id>/{do}"
            for do in ("approve", "refuse", "end")
        ),
        "/businesses/<uuid:business_id>/line.csv",
        "/businesses/<uuid:business_id>/settings",
        "/businesses/<uuid:business_id>/settings/address",
    }
)
"""Only people with a session, and of a business only its members."""

PUBLIC = {
    "/",
    "/<code>",
    "/status",
    "/receipt",
    "/receipt/<code>",
    "/receipt/<code>/link",
    "/metrics/<code>",
    "/confirm/<token>",
    "/assets/<version>/<name>",
    "/healthz",
}
"""The consumer's pages: nobody signs in. A receipt's code and a link's token are keys."""

PUBLIC_DASHBOARD = {
    "/healthz",
    "/sign-in",
    "/sign-in/second-step",
    "/sign-in/passkey",
    "/sign-in/passkey/challenge",
    "/sign-in/company",
    "/sign-in/link",
    "/sign-in/with/google",
    "/sign-in/with/google/return",
    "/sign-in/with/<uuid:provider_id>",
    "/sign-in/with/<uuid:provider_id>/return",
    "/assets/<version>/<name>",
    "/calendar/<string(length=43):token>.ics",
    *("/sign-up", "/sign-up/sent", "/sign-up/confirm", "/sign-up/<string(length=43):token>"),
    *("/join", "/join/new", "/join/as-another", "/join/<string(length=43):token>"),
    *("/forgotten", "/forgotten/sent", "/reset", "/reset/<string(length=43):token>"),
    *("/link", "/link/<string(length=43):token>"),
}
"""What holds a token is a key: nobody can guess it, and whoever has it needs no other."""

SOME_ID = "4f1f5f0e-7a39-4f0e-9d52-0f6d6b1f7a10"
FILLED = {
    "<uuid:business_id>": SOME_ID,
    "<uuid:account_id>": SOME_ID,
    "<uuid:grant_id>": SOME_ID,
    "<uuid:hold_id>": SOME_ID,
    "<uuid:unassigned_id>": SOME_ID,
    "<uuid:request_id>": SOME_ID,
    "<uuid:right_id>": SOME_ID,
    "<uuid:letter_id>": SOME_ID,
    "<uuid:note_id>": SOME_ID,
    "<uuid:passkey_id>": SOME_ID,
    "<uuid:identity_id>": SOME_ID,
    "<uuid:domain_id>": SOME_ID,
    "<uuid:attachment_id>": SOME_ID,
    "<uuid:voicemail_id>": SOME_ID,
    "<uuid:session_id>": SOME_ID,
    "<uuid:membership_id>": SOME_ID,
    "<uuid:invitation_id>": SOME_ID,
    "<uuid:code_id>": SOME_ID,
    "<any(en,es):language>": "es",
    "<int(max=999999):number>": "1",
    "<uuid:bulk_id>": SOME_ID,
    "<uuid:view_id>": SOME_ID,
}


def test_every_telephone_address_is_classified(telephone: Flask):
    addresses = _addresses(telephone)

    assert not SIGNED & PUBLIC_TELEPHONE
    assert addresses == SIGNED | PUBLIC_TELEPHONE


def test_fallback_opens_no_other_address(services: Services):
    addresses = _addresses(create_fallback_app(services.settings))

    assert addresses == FALLBACK | {"/healthz"}


def test_every_dashboard_address_is_classified(pages: Flask):
    addresses = _addresses(pages)

    assert not SIGNED_IN & PUBLIC_DASHBOARD
    assert addresses == SIGNED_IN | PUBLIC_DASHBOARD


def test_every_consumer_address_is_classified(services: Services):
    addresses = _addresses(consumer.create_app(services))

    assert addresses == PUBLIC


@pytest.mark.parametrize("path", sorted(SIGNED))
def test_unsigned_words_are_refused(telephone: Flask, path: str):
    answer = telephone.test_client().post(
        path, base_url="http://127.0.0.1:5080", data={"CallSid": "CA" + "0" * 32}
    )

    assert answer.status_code == 403
    assert answer.data == b""


@pytest.mark.parametrize("path", sorted(SIGNED_IN))
def test_strangers_are_asked_to_sign_in(pages: Flask, path: str):
    address = path
    for part, value in FILLED.items():
        address = address.replace(part, value)
    methods = set().union(*(r.methods for r in pages.url_map.iter_rules() if r.rule == path))

    answer = pages.test_client().open(
        address, method="GET" if "GET" in methods else "POST", base_url="http://127.0.0.1:5081"
    )

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/nothing", "/voice/nothing", "/media/nothing"])
def test_unknown_addresses_open_nothing(telephone: Flask, path: str):
    answer = telephone.test_client().post(path, base_url="http://127.0.0.1:5080")

    assert answer.status_code in {403, 404}
    assert answer.data == b""


def test_no_address_takes_a_method_it_does_not_need(
    telephone: Flask, pages: Flask, services: Services
):
    apps = (telephone, pages, consumer.create_app(services))
    rules = [rule for app in apps for rule in app.url_map.iter_rules()]

    odd = [r.rule for r in rules if r.methods not in ({"POST"}, {"GET", "HEAD"})]

    assert not odd


def test_every_queue_has_a_job_and_a_limit():
    used = {name for name, _ in queue.JOBS.values()}

    assert used == set(queue.QUEUES) == set(queue.TIME_LIMITS)


@pytest.mark.parametrize("job", sorted(queue.JOBS))
def test_every_job_is_a_function_of_ours(job: str):
    module, _, name = queue.JOBS[job][1].rpartition(".")

    function = getattr(import_module(module), name)

    assert callable(function)
    assert module in {one.name for one in modules("jobs")}
    assert function.__doc__


def test_schedule_names_jobs_that_exist():
    scheduled = set(schedule.EVERY_SECONDS)

    periodic = {
        job
        for job, (name, function) in queue.JOBS.items()
        if name == "upkeep" and function not in TABLES
    }

    assert scheduled == periodic


def _addresses(app: Flask) -> set[str]:
    return {rule.rule for rule in app.url_map.iter_rules()}


@pytest.fixture
def telephone(services: Services) -> Flask:
    return create_app(services, lambda _voicemail_id: None)


@pytest.fixture
def pages(services: Services) -> Flask:
    return dashboard.create_app(services)
