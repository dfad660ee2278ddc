from __future__ import annotations

import re
from dataclasses import replace

import pytest
from factories import AT
from staff import csrf_token

from voiceline import calendars
from voiceline.dashboard import create_app

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
PAGE = EVERYWHERE | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'nonce-N'; "
    "style-src 'self' 'nonce-N'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'",
}
CONTENT = EVERYWHERE | {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
}
STATIC = EVERYWHERE | {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
OF_THE_ANSWER = {
    "Accept-Ranges",
    "Allow",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Location",
    "Set-Cookie",
    "Vary",
    "X-Accel-Buffering",
}


def test_pages_have_the_headers_of_pages(alice, anonymous, world):
    answers = [
        alice.get(world.inbox),
        alice.get(world.page),
        alice.get("/businesses"),
        alice.get(f"{world.inbox}/news"),
        anonymous.get("/sign-in"),
        anonymous.get(world.inbox),
        anonymous.get("/no/such/page"),
        anonymous.post("/sign-in"),
        alice.post(world.audio),
        alice.get(world.audio, headers={"Sec-Fetch-Dest": "script"}),
        anonymous.get("/assets/old/pico.css"),
    ]

    assert [security_headers(answer) for answer in answers] == [PAGE] * len(answers)


def test_only_a_greetings_page_may_ask_for_the_microphone(alice, world):
    one = f"/businesses/{world.acme.id}/greetings/{world.acme_code.id}/en"

    page = security_headers(alice.get(one))
    others = [alice.get(path) for path in (f"{one}/versions/1/audio.wav", one[:-39])]

    allowed = "camera=(), geolocation=(), microphone=(self)"
    assert page == PAGE | {"Permissions-Policy": allowed}
    assert [security_headers(answer) for answer in others] == [PAGE] * len(others)


def test_audio_has_the_headers_of_content(alice, anonymous, world):
    answers = [
        alice.get(world.audio),
        alice.head(world.audio),
        alice.get(world.audio, headers={"Range": "bytes=0-9"}),
        alice.get(world.audio, headers={"Range": "bytes=9-0"}),
        alice.get(f"{world.page}/download"),
        alice.get(f"{world.page}/voicemails/{world.voicemail.id}/audio.mp3"),
        anonymous.get("/healthz"),
    ]

    assert [security_headers(answer) for answer in answers] == [CONTENT] * len(answers)


def test_tables_data_and_archives_have_the_headers_of_content(alice, world):
    there = f"/businesses/{world.acme.id}"
    form = {"csrf_token": csrf_token(alice, "/account")}
    answers = [
        *(alice.get(f"{there}/{name}") for name in ("records.csv", "records.json", "line.csv")),
        alice.get(f"{there}/metrics.json"),
        alice.post(f"{world.page}/evidence.zip", data=form),
        alice.post(f"{world.inbox}/downloads/voicemails.zip", data=form, buffered=True),
        alice.post(f"{world.inbox}/downloads/requests.csv", data=form, buffered=True),
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert [security_headers(answer) for answer in answers] == [CONTENT] * len(answers)


def test_calendar_may_be_kept_by_who_reads_it(anonymous, world, services):
    with services.sessions.begin() as session:
        member = session.merge(world.alice).memberships[0]
        token = calendars.open_calendar(session, member, at=AT)

    answer = anonymous.get(f"/calendar/{token}.ics")

    assert answer.status_code == 200
    assert security_headers(answer) == CONTENT | {"Cache-Control": "private, no-cache"}


def test_redirects_have_the_headers_of_pages(alice, anonymous, world):
    answers = [anonymous.get(world.inbox), alice.get("/sign-in")]

    assert {answer.status_code // 100 for answer in answers} == {3}
    assert [security_headers(answer) for answer in answers] == [PAGE] * len(answers)


def test_static_files_have_the_headers_of_static_files(anonymous):
    paths = re.findall(r'(?:href|src)="(/assets/[^"]+)"', anonymous.get("/sign-in").text)

    assert len(paths) >= 2
    assert [security_headers(anonymous.get(path)) for path in paths] == [STATIC] * len(paths)


def test_https_is_for_good(services, world):
    settings = services.settings.model_copy(update={"dashboard_url": "https://d.example.com"})
    client = create_app(replace(services, settings=settings)).test_client()

    answer = client.get("/sign-in", base_url="https://d.example.com")

    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


def test_nonce_is_new_for_each_page(alice, world):
    policies = {alice.get(world.page).headers["Content-Security-Policy"] for _ in range(5)}

    assert len(policies) == 5


def test_pages_have_nothing_inline(alice, world):
    for path in (world.inbox, world.page, "/businesses"):
        page = alice.get(path).text

        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_pages_name_no_other_site(alice, anonymous, world):
    for page in (alice.get(world.inbox).text, alice.get(world.page).text, anonymous.get("/x").text):
        assert not re.search(r'(?:src|href|action|hx-get)="(?:https?:)?//', page)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a b"])
def test_other_hosts_are_refused(anonymous, host):
    answer = anonymous.get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400


def test_host_of_the_settings_is_ours(services):
    settings = services.settings.model_copy(update={"dashboard_url": "https://d.example.com"})
    client = create_app(replace(services, settings=settings)).test_client()

    assert client.get("/healthz", base_url="https://d.example.com").status_code == 200
    assert client.get("/healthz", base_url="http://127.0.0.1:5081").status_code == 400


def security_headers(answer):
    found = {name: value for name, value in answer.headers if name not in OF_THE_ANSWER}
    policy = found["Content-Security-Policy"]
    return found | {"Content-Security-Policy": re.sub(r"'nonce-[\w-]{16,}'", "'nonce-N'", policy)}
