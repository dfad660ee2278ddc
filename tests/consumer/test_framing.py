"""F29: a form is shown in the sites of its business and nowhere else; the headers of answers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from visitors import WISH

from voiceline.allowed_sites import allow_site
from voiceline.audit import OPERATOR
from voiceline.consumer import create_app

SITE = "https://www.acme.example"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def page(ancestors="'none'", resource="same-origin"):
    return EVERYWHERE | {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}",
        "Cross-Origin-Resource-Policy": resource,
        "Vary": "Accept-Language",
    }


FRAMED = page(f"https://*.acme.example {SITE}", "cross-origin")
OF_THE_ANSWER = {"Allow", "Content-Length", "Content-Type", "Location"}


def test_f29_pages_are_shown_nowhere_else_at_first(public):
    answers = [public.client.get(path) for path in ("/", "/4021", "/status", "/receipt", "/no")]

    assert [headers(answer) for answer in answers] == [page()] * 5


def test_f29_form_and_what_follows_it_are_shown_in_the_allowed_sites(public, allowed):
    answers = [
        public.client.get("/4021"),
        public.client.get("/4021?lang=es"),
        public.ask(email="x"),
        public.ask(details="a" * 99_999),
        public.receipt(),
    ]

    assert [headers(answer) for answer in answers] == [FRAMED] * 5


def test_f29_sites_of_one_business_are_not_anothers(public, allowed):
    answers = [public.client.get(path) for path in ("/5077", "/", "/status", "/receipt", "/5078")]

    assert [headers(answer) for answer in answers] == [page()] * 5


def test_f29_form_works_inside_another_site(public, allowed):
    token = public.token()
    public.clock.wait(public.clock.at - public.clock.at)

    foreign = public.client.post(
        "/4021", data=WISH | {"token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    own = public.client.post(
        "/4021", data=WISH | {"token": token}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert "That was not accepted" in foreign.text
    assert "That was quick" in own.text


def test_files_are_kept_and_health_is_not(public):
    (sheet,) = re.findall(r'href="(/assets/[^"]+css)"', public.client.get("/").text)

    kept, health = public.client.get(sheet), public.client.get("/healthz")

    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert health.headers["Cache-Control"] == "no-store"
    assert "sandbox" in health.headers["Content-Security-Policy"]


def test_https_is_for_good(services, world):
    settings = services.settings.model_copy(update={"consumer_url": "https://r.example.com"})
    client = create_app(replace(services, settings=settings)).test_client()

    answer = client.get("/", base_url="https://r.example.com")
    foreign = client.get("/", base_url="https://evil.example.com")

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert foreign.status_code == 400


@pytest.mark.parametrize("path", ["/", "/4021", "/status", "/receipt", "/healthz"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused_in_plain_words(public, path, method):
    answer = public.client.open(path, method=method)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "That cannot be done here" in answer.text


@pytest.mark.parametrize("path", ["/", "/4021", "/status", "/receipt", "/healthz"])
def test_head_is_a_page_without_its_body(public, path):
    answer = public.client.head(path)

    assert (answer.status_code, answer.data) == (200, b"")


def test_lost_database_is_a_page_without_technical_words(public, services, monkeypatch):
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415 - only here

    def be_away(*_args, **_facts):
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr("voiceline.consumer.form.find_code", be_away)

    answer = public.client.get("/4021")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "sent twice, it is one request" in answer.text
    assert not re.search("(?i)database|error|exception|sql", answer.text)


def headers(answer):
    """Answer the headers that are the same for every answer of a class."""
    return {name: value for name, value in answer.headers if name not in OF_THE_ANSWER}


@pytest.fixture
def allowed(services, world, clock):
    with services.sessions.begin() as session:
        acme = session.merge(world.acme)
        for site in (SITE, "https://*.acme.example"):
            allow_site(session, acme, site, by=OPERATOR, at=clock())
